public import Foundation

/// Images that a program draws, as files of MNIST's format: a bright bar that lies, stands or leans, on noise.
public struct MadeImages {
    /// The names of the labels, in their order.
    public static let labels = ["lying", "standing", "leaning"]

    /// The side of an image.
    public let side: Int
    /// The points of each image.
    public private(set) var images: [[UInt8]] = []
    /// The label of each.
    public private(set) var answers: [UInt8] = []

    /// So many images of a side, from a seed.
    public init(_ count: Int, side: Int = 12, seed: UInt64 = 1) {
        self.side = side
        var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for image in 0..<count {
            var points = (0..<side * side).map { _ in UInt8(below(60)) }
            let label = image % Self.labels.count
            let length = side / 2
            let (top, left) = (below(side - length), below(side - length))
            for step in 0..<length {
                let y = label == 0 ? top : top + step
                let x = label == 1 ? left : left + step
                points[y * side + x] = UInt8(180 + below(70))
            }
            images.append(points)
            answers.append(UInt8(label))
        }
    }

    /// The bytes of a file of images.
    public var imageFile: Data {
        Data([0, 0, 8, 3] + [images.count, side, side].flatMap(Self.size) + images.flatMap { $0 })
    }

    /// The bytes of a file of labels.
    public var labelFile: Data { Data([0, 0, 8, 1] + Self.size(answers.count) + answers) }

    private static func size(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
    }

    /// Writes a folder to learn from and to judge by.
    public static func write(
        to folder: String, training: Int = 240, test: Int = 60, side: Int = 12
    ) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for (name, made) in [
            ("train", MadeImages(training, side: side)),
            ("t10k", MadeImages(test, side: side, seed: 2)),
        ] {
            try made.imageFile.write(
                to: URL(fileURLWithPath: "\(folder)/\(name)-images-idx3-ubyte"))
            try made.labelFile.write(
                to: URL(fileURLWithPath: "\(folder)/\(name)-labels-idx1-ubyte"))
        }
        try Data(labels.joined(separator: "\n").utf8).write(
            to: URL(fileURLWithPath: "\(folder)/labels.txt"))
    }
}
