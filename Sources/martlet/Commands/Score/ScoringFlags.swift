public import ArgumentParser
public import MartletText

/// The metrics of `martlet score`.
enum MetricName: String, CaseIterable {
    case bleu
    case chrf
    case chrfPlusPlus = "chrf++"
    case rouge1 = "rouge-1"
    case rouge2 = "rouge-2"
    case rougeL = "rouge-l"
    case exact, wer, cer, per
}

/// How BLEU smooths, as sacreBLEU names it.
enum SmoothingName: String, CaseIterable, ExpressibleByArgument {
    case exp, floor
    case addK = "add-k"
    case none
}

/// Which metrics, and how they count.
struct ScoringFlags: ParsableArguments {
    @Option(help: "What to compute, with commas between.")
    var metric = NameList<MetricName>([.bleu, .chrf])
    @Option(help: "BLEU: how a text becomes tokens.")
    var tokenize = BLEUTokenization.mteval13a
    @Option(help: "BLEU: what becomes of n-grams that never match.")
    var smooth = SmoothingName.exp
    @Option(
        parsing: .unconditional,
        help: "BLEU: the number of floor (default: 0.1) or of add-k (default: 1).")
    var smoothValue: Double?
    @Option(help: "ROUGE: ascii, as rouge-score has it, or unicode, which knows every script.")
    var rougeTokenize = ROUGETokenization.ascii
    @Flag(help: "Upper and lower case are the same; for ROUGE they always are.")
    var lowercase = false
    @Flag(help: "CER: white space is no character.")
    var ignoreWhitespace = false

    func validate() throws {
        if let twice = metric.values.enumerated().first(where: {
            metric.values[..<$0.offset].contains($0.element)
        }) {
            throw ValidationError("--metric names \(twice.element.rawValue) twice")
        }
        if let smoothValue {
            guard smooth == .floor || smooth == .addK else {
                throw ValidationError("--smooth-value is for --smooth floor and --smooth add-k")
            }
            guard smoothValue.isFinite, smoothValue >= 0 else {
                throw ValidationError("--smooth-value is \(smoothValue): expected at least 0")
            }
        }
    }

    /// The metrics, in their order.
    var metrics: [any TextMetric] {
        metric.values.map { name in
            switch name {
            case .bleu:
                BLEU(tokenization: tokenize, smoothing: smoothing, lowercase: lowercase)
            case .chrf: ChrF(lowercase: lowercase)
            case .chrfPlusPlus: ChrF(wordOrder: 2, lowercase: lowercase)
            case .rouge1: ROUGE(.nGram(1), tokenization: rougeTokenize)
            case .rouge2: ROUGE(.nGram(2), tokenization: rougeTokenize)
            case .rougeL: ROUGE(.longestCommonSubsequence, tokenization: rougeTokenize)
            case .exact: ExactMatch(lowercase: lowercase)
            case .wer: ErrorRate(.word, lowercase: lowercase)
            case .cer:
                ErrorRate(
                    .character, lowercase: lowercase, ignoresWhitespace: ignoreWhitespace)
            case .per: ErrorRate(.phoneme, lowercase: lowercase)
            }
        }
    }

    private var smoothing: BLEU.Smoothing {
        switch smooth {
        case .exp: .exponential
        case .floor: smoothValue.map(BLEU.Smoothing.floor) ?? .floor()
        case .addK: smoothValue.map(BLEU.Smoothing.addK) ?? .addK()
        case .none: .none
        }
    }
}

extension BLEUTokenization: ExpressibleByArgument {}
extension ROUGETokenization: ExpressibleByArgument {}
