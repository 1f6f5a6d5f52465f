import Foundation
import MartletData
import MartletTestSupport
import Testing

/// Files of images: what is read, and what is refused.
@Suite struct ImageDatasetTests {
    @Test func aFolderIsReadAndSplit() throws {
        try withTemporaryFolder { folder in
            try MadeImages.write(to: folder, training: 30, test: 6)
            let dataset = try ImageDataset.read(folder)
            #expect(dataset.labels == MadeImages.labels)
            #expect(dataset.training.count == 30 && dataset.test.count == 6)
            let made = MadeImages(30)
            #expect(dataset.training.labels == made.answers.map(Int.init))
            #expect(Array(dataset.training.pixels(of: 7)) == made.images[7])
            let (training, validation) = dataset.split()
            #expect(training.count == 27 && validation.count == 3)
            #expect(Array(validation.pixels(of: 1)) == made.images[19])
            #expect(Array(training.pixels(of: 9)) == made.images[10])
            let other = "\(folder)/other"
            try MadeImages.write(to: other, training: 31, test: 6)
            #expect(try ImageDataset.read(other).sha256 != dataset.sha256)
            #expect(try ImageDataset.read(folder).sha256 == dataset.sha256)
            // Without names, labels are numbers.
            try FileManager.default.removeItem(atPath: "\(folder)/labels.txt")
            #expect(try ImageDataset.read(folder).labels == ["0", "1", "2"])
        }
    }

    /// The error where a file has these bytes.
    private func refusal(_ name: String, _ bytes: [UInt8]?) throws -> String {
        try withTemporaryFolder { folder in
            try MadeImages.write(to: folder, training: 20, test: 4)
            let path = "\(folder)/\(name)"
            if let bytes {
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            let text = errorText { _ = try ImageDataset.read(folder) }
            #expect(text.contains(folder), "\(text)")
            return text
        }
    }

    @Test func damagedFilesAreRefused() throws {
        let images = "train-images-idx3-ubyte"
        let labels = "t10k-labels-idx1-ubyte"
        let whole = [UInt8](MadeImages(20).imageFile)
        for (name, bytes, expected) in [
            (images, nil, "train-images-idx3-ubyte"),
            (images, [], "does not begin with two zeros: expected a file as MNIST's (IDX)"),
            (images, [0x1F, 0x8B, 8, 0], "is compressed: unpack it first (gunzip)"),
            (images, [0, 0, 13, 3] + whole.dropFirst(4), "the type 13: expected 8, bytes"),
            (images, [0, 0, 8, 9, 0], "has 9 dimensions and 5 bytes: expected 1 … 4"),
            (images, Array(whole.dropLast()), "has 2879 elements: expected 20 × 12 × 12"),
            (images, [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), "has 0 elements"),
            (images, [UInt8](MadeImages(20).labelFile), "has the shape [20]: expected images"),
            (
                images, [UInt8](MadeImages(20, side: 10).imageFile),
                "are 10 × 10, those to judge by 12 × 12: expected one size"
            ),
            (labels, [UInt8](MadeImages(5).labelFile), "has the shape [5]: expected [4]"),
            (
                labels, [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 7],
                "has the label 7: labels.txt names only"
            ),
            ("labels.txt", [0x61, 0x0A, 0xFF, 0x0A], "labels.txt"),
            ("labels.txt", Array("one\n".utf8), "has 1 names: expected at least two"),
            ("labels.txt", Array("a\nb\na\n".utf8), "has 3 names: expected at least two, all"),
        ] as [(String, [UInt8]?, String)] {
            let text = try refusal(name, bytes)
            #expect(text.contains(expected), "\(text)")
        }
    }
}
