/// A set of Unicode scalars, as a class in a regular expression describes it.
struct ScalarSet: Sendable {
    /// One member of a class.
    indirect enum Item: Sendable {
        /// Scalars from one to another.
        case range(UInt32, UInt32)
        /// Scalars that have one of these traits.
        case traits(UInt32)
        /// Scalars of these general categories, as bits by their place in ``UnicodeTraits/categories``.
        case categories(UInt32)
        /// Another set.
        case set(ScalarSet)
    }

    /// What is in it.
    var items: [Item] = []
    /// Whether it is all scalars but ``items``.
    var isNegated = false
    /// What else a scalar must be in (`&&`).
    var intersections: [ScalarSet] = []
    /// Whether upper and lower case are one.
    var ignoresCase = false
    /// Which of ASCII are in it.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ items: [Item] = [], isNegated: Bool = false) {
        self.items = items
        self.isNegated = isNegated
    }

    /// Works out ASCII once; to be called when the set is complete.
    func prepared(_ traits: UnicodeTraits) -> ScalarSet {
        var set = self
        for value in UInt32(0)..<128 where search(value, traits) {
            if value < 64 {
                set.low |= 1 << UInt64(value)
            } else {
                set.high |= 1 << UInt64(value - 64)
            }
        }
        return set
    }

    /// Whether `value` is in it.
    @inline(__always)
    func contains(_ value: UInt32, _ traits: UnicodeTraits) -> Bool {
        if value < 64 { return low >> UInt64(value) & 1 == 1 }
        if value < 128 { return high >> UInt64(value - 64) & 1 == 1 }
        return search(value, traits)
    }

    private func search(_ value: UInt32, _ traits: UnicodeTraits) -> Bool {
        guard ignoresCase else { return searchAsIs(value, traits) }
        // "Not a" with case ignored is all but a and A.
        let isIn = Self.caseVariants(value).contains { finds($0, traits) }
        return isIn != isNegated && intersections.allSatisfy { $0.search(value, traits) }
    }

    private func searchAsIs(_ value: UInt32, _ traits: UnicodeTraits) -> Bool {
        finds(value, traits) != isNegated
            && intersections.allSatisfy { $0.search(value, traits) }
    }

    private func finds(_ value: UInt32, _ traits: UnicodeTraits) -> Bool {
        for item in items {
            switch item {
            case .range(let first, let last): if value >= first, value <= last { return true }
            case .traits(let mask): if traits[value] & mask != 0 { return true }
            case .categories(let mask):
                if mask >> (traits[value] >> UnicodeTraits.categoryShift) & 1 == 1 { return true }
            case .set(let set): if set.search(value, traits) { return true }
            }
        }
        return false
    }

    /// `value`, and all that is the same without case.
    private static func caseVariants(_ value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [value] }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        let lower = single(scalar.properties.lowercaseMapping) ?? scalar
        let folded = single(upper.properties.lowercaseMapping) ?? upper
        var result = [value, upper.value, lower.value, folded.value]
        // The three letters that have more than one lower or upper case beyond these.
        switch folded.value {
        case 0x73: result.append(0x17F)
        case 0x6B: result.append(0x212A)
        case 0xE5: result.append(0x212B)
        default: break
        }
        return result
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
}
