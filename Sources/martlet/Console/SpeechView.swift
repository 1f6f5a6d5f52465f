import MartletModels
import MartletTraining

/// Segments of speech on standard output.
struct SpeechView {
    enum Format {
        case lines, json, subtitles
    }

    private struct Row: Encodable {
        var start: Double
        var end: Double
        var probability: Double
    }

    var format: Format
    private var count = 0

    init(format: Format) {
        self.format = format
    }

    /// Prints one segment.
    mutating func show(_ segment: SpeechSegment) throws {
        count += 1
        let rate = Double(SileroVAD.sampleRate)
        let (start, end) = (Double(segment.start) / rate, Double(segment.end) / rate)
        let probability = Decimals.probability(segment.probability)
        switch format {
        case .lines:
            try Output.line(
                "\(Decimals.fixed(start, 3))\t\(Decimals.fixed(end, 3))\t\(probability)")
        case .json:
            try JSONOutput.print(Row(start: start, end: end, probability: segment.probability))
        case .subtitles:
            try Output.line(
                "\(count)\n\(Self.clock(start)) --> \(Self.clock(end))\n[speech \(probability)]\n")
        }
    }

    /// `01:02:03,456`, as SubRip has it.
    static func clock(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let whole = milliseconds / 1000
        return
            "\(digits(whole / 3600, 2)):\(digits(whole / 60 % 60, 2)):\(digits(whole % 60, 2)),\(digits(milliseconds % 1000, 3))"
    }

    /// The probabilities as CSV: when a chunk begins, in seconds, and how probable speech is in it.
    static func table(_ chunks: [SpeechChunk]) -> String {
        let step = Double(SileroVAD.chunkSize) / Double(SileroVAD.sampleRate)
        let rows = chunks.enumerated().map { index, chunk in
            "\(Decimals.fixed(Double(index) * step, 3)),\(Decimals.fixed(Double(chunk.probability), 6))\n"
        }
        return "start,probability\n" + rows.joined()
    }
}
