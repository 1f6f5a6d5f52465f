import MartletNN

/// `rope_theta` and `rope_scaling`, or the `rope_parameters` that newer versions write instead.
struct RopeConfiguration: Codable, Sendable, Equatable {
    /// `default`, `linear`, `dynamic`, `yarn` or `llama3`.
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
    }

    /// Whether the type is one that this version knows.
    var isKnown: Bool { ["default", "linear", "dynamic", "yarn", "llama3"].contains(type) }

    /// What is wrong with it; nil if nothing is.
    var problem: String? {
        switch type {
        case "default": nil
        case "linear", "dynamic", "yarn":
            factor.map { $0 >= 1 } ?? false
                ? nil : "rope_scaling \"\(type)\" needs a factor of at least 1"
        case "llama3":
            factor != nil && low != nil && high != nil && trained != nil && high! > low!
                ? nil
                : "rope_scaling \"llama3\" needs factor, low_freq_factor, high_freq_factor (above it) and original_max_position_embeddings"
        default:
            "rope_scaling is \"\(type)\": this version knows default, linear, dynamic, yarn, llama3"
        }
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
                    slow: slow ?? 1, attention: attention, isTruncated: truncate ?? true)
            case "llama3":
                .llama3(
                    factor: factor ?? 1, low: low ?? 1, high: high ?? 4, trained: trained ?? context
                )
            default: .none
            }
        return RotaryPositions(width: width, base: base ?? other, scaling: scaling)
    }
}
