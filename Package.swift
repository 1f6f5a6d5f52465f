// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A library target of ours.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["MartletTestSupport"], swiftSettings: strict)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "MartletTensor", targets: ["MartletTensor"]),
        .library(name: "MartletStore", targets: ["MartletStore"]),
        .library(name: "MartletText", targets: ["MartletText"]),
        .library(name: "MartletData", targets: ["MartletData"]),
        .library(name: "MartletNN", targets: ["MartletNN"]),
        .library(name: "MartletModels", targets: ["MartletModels"]),
        .library(name: "MartletTraining", targets: ["MartletTraining"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(
            name: "CMartletKernels",
            cSettings: [
                .unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno", "-Wno-psabi"]),
                .define("NDEBUG"),
            ],
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]
        ),
        module("MartletTensor", ["CMartletKernels"]),
        module("MartletStore", ["MartletTensor"]),
        module("MartletText"),
        module("MartletData", ["MartletTensor", "MartletText", crypto]),
        module("MartletNN", ["MartletTensor"]),
        module("MartletModels", ["MartletNN", "MartletStore"]),
        module(
            "MartletTraining",
            ["MartletModels", "MartletNN", "MartletData", "MartletText", "MartletStore"]),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "MartletTensor", "MartletStore", "MartletText", "MartletData", "MartletNN",
                "MartletModels", "MartletTraining", arguments,
            ],
            swiftSettings: strict),
        module("MartletTestSupport", ["MartletTensor", "MartletNN"]),
        // Saves into a checkpoint folder until it is killed: for the store's tests.
        .executableTarget(
            name: "SavingProcess", dependencies: ["MartletStore", "MartletTensor"],
            path: "Tests/SavingProcess", swiftSettings: strict),
        tests("MartletTensorTests", ["MartletTensor", "CMartletKernels"]),
        tests("MartletStoreTests", ["MartletStore", "MartletTensor", "SavingProcess"]),
        tests("MartletTextTests", ["MartletText", "MartletTensor"]),
        tests("MartletDataTests", ["MartletData", "MartletText", "MartletTensor"]),
        tests("MartletNNTests", ["MartletNN", "MartletTensor"]),
        tests("MartletModelsTests", ["MartletModels", "MartletNN", "MartletStore", "MartletText"]),
        tests(
            "MartletTrainingTests",
            [
                "MartletTraining", "MartletModels", "MartletNN", "MartletData", "MartletText",
                "MartletStore",
            ]),
        tests(
            "EndToEndTests",
            ["martlet", "MartletModels", "MartletStore", "MartletTensor", arguments]),
    ],
    swiftLanguageModes: [.v6]
)
