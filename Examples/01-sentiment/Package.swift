// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "sentiment",
    platforms: [.macOS(.v15)],
    dependencies: [
        // In a package of yours: .package(url: "…/martlet", from: "0.1.0")
        .package(name: "martlet", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "Sentiment",
            dependencies: [.product(name: "MartletTraining", package: "martlet")])
    ]
)
