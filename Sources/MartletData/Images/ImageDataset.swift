import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Grey images of one size, with labels if they are known.
public struct LabelledImages: Sendable {
    /// Their size.
    public let height, width: Int
    /// The brightness of each point, 0 … 255, image by image and row by row.
    public let pixels: [UInt8]
    /// The label of each, a place in the names; empty where they are not known.
    public let labels: [Int]

    /// How many there are.
    public var count: Int { pixels.count / (height * width) }

    /// Images of these points.
    public init(height: Int, width: Int, pixels: [UInt8], labels: [Int] = []) {
        precondition(
            pixels.count % (height * width) == 0
                && (labels.isEmpty || labels.count == pixels.count / (height * width)),
            "images: \(pixels.count) points of \(height) × \(width), \(labels.count) labels")
        (self.height, self.width, self.pixels, self.labels) = (height, width, pixels, labels)
    }

    /// The points of one image.
    public func pixels(of image: Int) -> ArraySlice<UInt8> {
        pixels[image * height * width..<(image + 1) * height * width]
    }

    /// Some of the images, in this order.
    public func selecting(_ places: [Int]) -> LabelledImages {
        LabelledImages(
            height: height, width: width, pixels: places.flatMap { pixels(of: $0) },
            labels: labels.isEmpty ? [] : places.map { labels[$0] })
    }

    /// The images of a file without labels.
    ///
    /// - Throws: ``DataError``.
    public static func read(_ path: String) throws(DataError) -> LabelledImages {
        let file = try IDXFile(path)
        guard file.shape.count == 3, file.shape[1] > 0, file.shape[2] > 0 else {
            throw DataError(
                path,
                "has the shape \(file.shape): expected images, [count, height, width]")
        }
        return LabelledImages(height: file.shape[1], width: file.shape[2], pixels: file.bytes)
    }
}

/// A folder of images to learn from and to judge by, as MNIST and what is made like it have them:
/// `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, and if there is one
/// `labels.txt` with the name of each label, a line each.
public struct ImageDataset: Sendable {
    /// Where it was read.
    public let source: String
    /// The images to learn from and to choose by.
    public let training: LabelledImages
    /// The images to judge by.
    public let test: LabelledImages
    /// The names of the labels.
    public let labels: [String]
    /// The SHA-256 of all images and labels, in hexadecimal: equal for equal data.
    public let sha256: String

    /// One of so many images of the training file is to choose by.
    public static let validationStep = 10

    /// Reads a folder.
    ///
    /// - Parameter known: the labels that a model knows; nil: those of the folder.
    /// - Throws: ``DataError`` for a file that is missing or damaged, sizes that differ, and labels without a name.
    public static func read(
        _ folder: String, labels known: [String]? = nil
    ) throws(DataError) -> ImageDataset {
        let training = try part(folder, "train")
        let test = try part(folder, "t10k")
        guard training.height == test.height, training.width == test.width else {
            throw DataError(
                folder,
                "images to learn from are \(training.height) × \(training.width), those to judge by \(test.height) × \(test.width): expected one size"
            )
        }
        let highest = max(training.labels.max() ?? 0, test.labels.max() ?? 0)
        let names = try names(folder) ?? (0...highest).map { "\($0)" }
        guard highest < names.count else {
            throw DataError(
                folder, "has the label \(highest): labels.txt names only 0 … \(names.count - 1)")
        }
        if let known, known != names {
            throw DataError(
                folder,
                "has the labels \(names.joined(separator: ", ")): the model knows \(known.joined(separator: ", "))"
            )
        }
        var hash = SHA256()
        for part in [training, test] {
            hash.update(data: part.pixels)
            hash.update(data: part.labels.map { UInt8($0) })
        }
        return ImageDataset(
            source: folder, training: training, test: test, labels: names,
            sha256: hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }

    /// The images to learn from, and those to choose by.
    public func split() -> (training: LabelledImages, validation: LabelledImages) {
        let places = 0..<training.count
        func isChosen(_ place: Int) -> Bool {
            place % Self.validationStep == Self.validationStep - 1
        }
        return (
            training.selecting(places.filter { !isChosen($0) }),
            training.selecting(places.filter(isChosen))
        )
    }

    private static func part(
        _ folder: String, _ name: String
    ) throws(DataError) -> LabelledImages {
        let images = try LabelledImages.read("\(folder)/\(name)-images-idx3-ubyte")
        let path = "\(folder)/\(name)-labels-idx1-ubyte"
        let labels = try IDXFile(path)
        guard labels.shape == [images.count] else {
            throw DataError(
                path, "has the shape \(labels.shape): expected [\(images.count)], a label an image")
        }
        return LabelledImages(
            height: images.height, width: images.width, pixels: images.pixels,
            labels: labels.bytes.map(Int.init))
    }

    /// The names of the labels; nil where there is no such file.
    private static func names(_ folder: String) throws(DataError) -> [String]? {
        let path = "\(folder)/labels.txt"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let names = String(decoding: try TextFile(path).bytes, as: UTF8.self)
            .split(whereSeparator: \.isNewline).map(String.init)
        guard names.count > 1, Set(names).count == names.count else {
            throw DataError(path, "has \(names.count) names: expected at least two, all different")
        }
        return names
    }
}
