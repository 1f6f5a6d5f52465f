import MartletStore
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder to write a tokenizer.json into.
struct TokenizerTarget {
    let folder: String

    var path: String { "\(folder)/tokenizer.json" }

    /// Refuses to replace a tokenizer unless that is asked for.
    func check(overwrite: Bool) throws {
        if !overwrite, FileManager.default.fileExists(atPath: path) {
            throw InputError(description: "\(path): is there already; --overwrite replaces it")
        }
    }

    func makeFolder() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StoreError.unwritable(
                path: folder, reason: "the folder cannot be made", isDiskFull: false,
                kept: .previous)
        }
    }

    func write(_ tokenizer: TokenizerPipeline) throws {
        try FileContents.bytes(tokenizer.json()).save(to: path)
    }
}
