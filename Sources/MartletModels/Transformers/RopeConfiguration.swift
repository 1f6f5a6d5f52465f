import MartletNN

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `rope_theta` and `rope_scaling`, or the `rope_parameters` that newer versions write instead.
struct RopeConfiguration: Codable, Sendable, Equatable {
    /// `default`, `linear`, `dynamic`, `yarn`, `longrope` or `llama3`.
    var type: String
    var base: Double?
    var factor: Double?
    var trained: Int?
    var attention: Double?
    var fast: Double?
    var slow: Double?
    var low: Double?
    var high: Double?
    var truncate: Bool?
    var scale, scaleOfAll: Double?
    var short, long: [Double]?

    enum CodingKeys: String, CodingKey {
        case type = "rope_type"
        case oldType = "type"
        case base = "rope_theta"
        case factor, truncate
        case trained = "original_max_position_embeddings"
        case attention = "attention_factor"
        case fast = "beta_fast"
        case slow = "beta_slow"
        case low = "low_freq_factor"
        case high = "high_freq_factor"
        case scale = "mscale"
        case scaleOfAll = "mscale_all_dim"
        case short = "short_factor"
        case long = "long_factor"
    }

    init(type: String = "default", base: Double? = nil) {
        self.type = type
        self.base = base
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        type =
            try values.decodeIfPresent(String.self, forKey: .type)
            ?? values.value(.oldType, or: "default")
        base = try values.decodeIfPresent(Double.self, forKey: .base)
        factor = try values.decodeIfPresent(Double.self, forKey: .factor)
        trained = try values.decodeIfPresent(Int.self, forKey: .trained)
        attention = try values.decodeIfPresent(Double.self, forKey: .attention)
        fast = try values.decodeIfPresent(Double.self, forKey: .fast)
        slow = try values.decodeIfPresent(Double.self, forKey: .slow)
        low = try values.decodeIfPresent(Double.self, forKey: .low)
        high = try values.decodeIfPresent(Double.self, forKey: .high)
        truncate = try values.decodeIfPresent(Bool.self, forKey: .truncate)
        scale = try values.decodeIfPresent(Double.self, forKey: .scale)
        scaleOfAll = try values.decodeIfPresent(Double.self, forKey: .scaleOfAll)
        short = try values.decodeIfPresent([Double].self, forKey: .short)
        long = try values.decodeIfPresent([Double].self, forKey: .long)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(type, forKey: .type)
        try values.encodeIfPresent(base, forKey: .base)
        try values.encodeIfPresent(factor, forKey: .factor)
        try values.encodeIfPresent(trained, forKey: .trained)
        try values.encodeIfPresent(attention, forKey: .attention)
        try values.encodeIfPresent(fast, forKey: .fast)
        try values.encodeIfPresent(slow, forKey: .slow)
        try values.encodeIfPresent(low, forKey: .low)
        try values.encodeIfPresent(high, forKey: .high)
        try values.encodeIfPresent(truncate, forKey: .truncate)
        try values.encodeIfPresent(scale, forKey: .scale)
        try values.encodeIfPresent(scaleOfAll, forKey: .scaleOfAll)
        try values.encodeIfPresent(short, forKey: .short)
        try values.encodeIfPresent(long, forKey: .long)
    }

    /// What is wrong with it for heads of a width; nil if nothing is.
    func problem(width: Int) -> String? {
        switch type {
        case "default": nil
        case "longrope": longProblem(width: width)
        case "linear", "dynamic", "yarn":
            factor.map { $0 >= 1 } ?? false
                ? nil : "rope_scaling \"\(type)\" needs a factor of at least 1"
        case "llama3":
            factor != nil && low != nil && high != nil && trained != nil && high! > low!
                ? nil
                : "rope_scaling \"llama3\" needs factor, low_freq_factor, high_freq_factor (above it) and original_max_position_embeddings"
        default:
            "rope_scaling is \"\(type)\": this version knows default, linear, dynamic, yarn, longrope, llama3"
        }
    }

    /// What is wrong with the factors of `longrope`.
    private func longProblem(width: Int) -> String? {
        guard let trained, trained > 1 else {
            return "rope_scaling \"longrope\" needs original_max_position_embeddings above 1"
        }
        for (key, factors) in [("short_factor", short), ("long_factor", long)] {
            guard let factors, factors.count == width / 2,
                factors.allSatisfy({ $0 > 0 && $0.isFinite })
            else {
                return
                    "rope_scaling \"longrope\" needs \(key) with \(width / 2) numbers above 0, half of a head's \(width): it has \(factors?.count ?? 0)"
            }
        }
        return nil
    }

    /// What YaRN multiplies turned queries and keys with; nil: as its factor says.
    private var yarnAttention: Double? {
        if let attention { return attention }
        guard let scale, let scaleOfAll, scale != 0, scaleOfAll != 0, let factor, factor > 1 else {
            return nil
        }
        return (0.1 * scale * log(factor) + 1) / (0.1 * scaleOfAll * log(factor) + 1)
    }

    /// What `longrope` multiplies turned queries and keys with, in a model of that context.
    private func longAttention(context: Int, trained: Int) -> Double {
        if let attention { return attention }
        let factor = factor ?? Double(context) / Double(trained)
        return factor <= 1 ? 1 : (1 + log(factor) / log(Double(trained))).squareRoot()
    }

    /// The positions of heads of a width, in a model of that context.
    func positions(width: Int, context: Int, base other: Double) -> RotaryPositions {
        let scaling: RotaryPositions.Scaling =
            switch type {
            case "linear": .linear(factor: factor ?? 1)
            case "dynamic": .dynamic(factor: factor ?? 1, trained: trained ?? context)
            case "yarn":
                .yarn(
                    factor: factor ?? 1, trained: trained ?? context, fast: fast ?? 32,
                    slow: slow ?? 1, attention: yarnAttention, isTruncated: truncate ?? true)
            case "longrope":
                .long(
                    short: short ?? [], long: long ?? [], trained: trained ?? context,
                    attention: longAttention(context: context, trained: trained ?? context))
            case "llama3":
                .llama3(
                    factor: factor ?? 1, low: low ?? 1, high: high ?? 4, trained: trained ?? context
                )
            default: .none
            }
        return RotaryPositions(width: width, base: base ?? other, scaling: scaling)
    }
}
