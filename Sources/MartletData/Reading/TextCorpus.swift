import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Running text to learn a language from: one file, several, or all `.txt` files of a folder, one after another.
///
/// UTF-8; ends of lines become LF. The first nine tenths are to learn from, the next twentieth is to choose by, the last
/// twentieth to judge by; a part ends with a line where the text has lines.
public struct TextCorpus: Sendable {
    /// Where it was read.
    public let source: String
    /// All of it.
    public let text: String
    /// The SHA-256 of its UTF-8.
    public let sha256: String

    /// A corpus of a text.
    public init(source: String, text: String) {
        self.source = source
        self.text = text
        sha256 = SHA256.hash(data: Array(text.utf8))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Reads files and folders.
    ///
    /// - Throws: ``DataError`` for one that is missing, unreadable or not UTF-8, and if there is no text in all.
    public static func read(_ paths: [String]) throws(DataError) -> TextCorpus {
        let source = paths.joined(separator: " ")
        var bytes: [UInt8] = []
        for path in paths {
            for file in try files(of: path) {
                bytes += normalised(try TextFile(file).bytes)
                if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
            }
        }
        guard bytes.contains(where: { $0 > 0x20 }) else {
            throw DataError(source, "is empty: expected text to learn from")
        }
        return TextCorpus(source: source, text: String(decoding: bytes, as: UTF8.self))
    }

    /// Reads files and folders, and after them the training part of labelled texts, a text a line, so that what is learned from
    /// it has not seen a classifier's validation and test texts.
    ///
    /// - Throws: ``DataError``.
    public static func read(_ paths: [String], labelled: String?) throws -> TextCorpus {
        guard let labelled else { return try read(paths) }
        let texts = try TextDataset.read(labelled).split().training.map {
            $0.text.replacing("\n", with: " ")
        }
        let running = paths.isEmpty ? "" : try read(paths).text
        return TextCorpus(
            source: (paths + [labelled]).joined(separator: " "),
            text: running + texts.joined(separator: "\n") + "\n")
    }

    /// The three parts of the text.
    public struct Parts: Sendable {
        /// To learn from.
        public var training: String
        /// To choose by.
        public var validation: String
        /// To judge by.
        public var test: String
    }

    /// The three parts.
    public func parts() -> Parts {
        let bytes = Array(text.utf8)
        let first = Self.cut(bytes, near: bytes.count * 90 / 100)
        let second = max(first, Self.cut(bytes, near: bytes.count * 95 / 100))
        func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        return Parts(
            training: part(0..<first), validation: part(first..<second),
            test: part(second..<bytes.count))
    }

    /// The nearest begin of a line, if it is no further than a fortieth of the text and 4,096 bytes; else the begin of the
    /// character.
    private static func cut(_ bytes: [UInt8], near place: Int) -> Int {
        let reach = min(4096, bytes.count / 40)
        for distance in 0...reach {
            for start in [place + distance, place - distance]
            where start > 0 && start < bytes.count && bytes[start - 1] == 0x0A {
                return start
            }
        }
        var place = place
        while place > 0, place < bytes.count, bytes[place] & 0xC0 == 0x80 { place -= 1 }
        return place
    }

    /// A file as it is; of a folder its `.txt` files, by their names.
    ///
    /// - Throws: ``DataError`` for a folder without any. Whether a file is there is not looked at.
    public static func files(of path: String) throws(DataError) -> [String] {
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            return [path]
        }
        let names = entries.filter { $0.hasSuffix(".txt") }.sorted()
        if names.isEmpty {
            throw DataError(path, "has no .txt file: give a folder that has some, or files")
        }
        return names.map { path + "/" + $0 }
    }

    /// CRLF and CR as LF.
    private static func normalised(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(0x0D) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (place, byte) in bytes.enumerated() {
            if byte != 0x0D {
                result.append(byte)
            } else if place + 1 == bytes.count || bytes[place + 1] != 0x0A {
                result.append(0x0A)
            }
        }
        return result
    }
}
