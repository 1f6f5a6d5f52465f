import ArgumentParser
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `martlet bench tokenizer`: how fast a tokenizer encodes and decodes a text.
struct BenchTokenizer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer", abstract: "Time a tokenizer on a text.")

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case lines, whole, batch, decode, load
    }

    @Option(help: "A tokenizer.json, another file of a tokenizer, or the folder of a model.")
    var tokenizer: String
    @Option(help: "The text, a UTF-8 file.")
    var data: String
    @Option(
        help: """
            lines: one after another on one thread; whole: the text as one string; batch: all lines on all threads; decode: \
            the numbers of the whole text; load: read the tokenizer.
            """)
    var mode: Mode = .lines
    @Option(help: "Measure for at least this many seconds.")
    var seconds = 1.0
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let pipeline = try TokenizerPipeline(path: tokenizer)
            .with(truncation: nil, padding: nil)
        guard let bytes = FileManager.default.contents(atPath: data),
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw InputError(
                description: "\(data): not a file of UTF-8 text that can be read; give one")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        let ids = try pipeline.encodeIDs(text)
        // The text was encoded once, so nothing below is thrown.
        let timing = Timing(seconds: seconds) {
            switch mode {
            case .lines: for line in lines { _ = try? pipeline.encodeIDs(line) }
            case .whole: _ = try? pipeline.encodeIDs(text)
            case .batch: _ = try? pipeline.encodeIDsBatch(lines)
            case .decode: _ = try? pipeline.decode(ids)
            case .load: _ = try? TokenizerPipeline(path: tokenizer)
            }
        }
        let rate = Double(text.utf8.count) / 1e3 / timing.milliseconds.median
        if json {
            try JSONOutput.print(
                Result(
                    name: "tokenizer \(mode.rawValue)", milliseconds: timing.milliseconds,
                    megabytesPerSecond: mode == .load ? nil : rate, tokens: ids.count))
            return
        }
        let speed = mode == .load ? "" : "  \((rate * 10).rounded() / 10) MB/s"
        print("tokenizer \(mode.rawValue): median \(timing.milliseconds.median) ms\(speed)")
    }

    private struct Result: Encodable {
        var name: String
        var milliseconds: Timing.Milliseconds
        var megabytesPerSecond: Double?
        var tokens: Int
    }
}
