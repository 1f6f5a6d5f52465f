/// A text as the references of these metrics, which are written in Python, see one: a row of Unicode scalars.
struct ScalarText: Sendable, Equatable {
    /// The values of the scalars.
    var scalars: [UInt32]

    init(_ scalars: [UInt32]) { self.scalars = scalars }

    init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

    /// Whether `str.isspace` takes a scalar for white space: White_Space, and the four separators of ASCII.
    static func isSpace(_ value: UInt32) -> Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Whether there is nothing but white space.
    var isBlank: Bool { scalars.allSatisfy(Self.isSpace) }

    /// The text without white space at its ends.
    var trimmed: ScalarText {
        let end = trimmedAtEnd.scalars
        return ScalarText(Array(end.drop(while: Self.isSpace)))
    }

    /// The text without white space at its end.
    var trimmedAtEnd: ScalarText {
        guard let last = scalars.lastIndex(where: { !Self.isSpace($0) }) else {
            return ScalarText([])
        }
        return ScalarText(Array(scalars[...last]))
    }

    /// The text without any white space.
    var withoutSpaces: ScalarText { ScalarText(scalars.filter { !Self.isSpace($0) }) }

    /// What stands between white space.
    var words: [ArraySlice<UInt32>] { scalars.split(whereSeparator: Self.isSpace) }

    /// The text in lower case, by Unicode's full mapping and its rule for the sigma at the end of a word.
    var lowercased: ScalarText {
        var result: [UInt32] = []
        result.reserveCapacity(scalars.count)
        for (place, value) in scalars.enumerated() {
            switch value {
            case 0x41...0x5A: result.append(value + 0x20)
            case 0..<0x80: result.append(value)
            case 0x3A3: result.append(isFinalSigma(place) ? 0x3C2 : 0x3C3)
            default:
                let properties = Unicode.Scalar(value)?.properties
                if let properties, properties.changesWhenLowercased {
                    result += properties.lowercaseMapping.unicodeScalars.map(\.value)
                } else {
                    result.append(value)
                }
            }
        }
        return ScalarText(result)
    }

    /// Whether a letter stands before a place and none after it, those that do not count for case aside (Final_Sigma).
    private func isFinalSigma(_ place: Int) -> Bool {
        func isCased(_ value: UInt32?) -> Bool {
            value.flatMap(Unicode.Scalar.init)?.properties.isCased ?? false
        }
        func isIgnored(_ value: UInt32) -> Bool {
            Unicode.Scalar(value)?.properties.isCaseIgnorable ?? false
        }
        return isCased(scalars[..<place].last { !isIgnored($0) })
            && !isCased(scalars[(place + 1)...].first { !isIgnored($0) })
    }
}

/// A number with so many digits after the point, as Python's format writes it: of two as near, the even one.
func fixedDecimals(_ value: Double, _ digits: Int) -> String {
    let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    let product = abs(value) * factor
    guard product < 0x1p53 else { return "\(value)" }
    var rounded = product.rounded(.toNearestOrEven)
    // The product is itself rounded: what seems half-way may be more or less.
    let error = (-product).addingProduct(abs(value), factor)
    if product - rounded == 0.5, error > 0 { rounded += 1 }
    if product - rounded == -0.5, error < 0 { rounded -= 1 }
    let scaled = Int(rounded)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let part = "\(scaled % Int(factor))"
    let fraction = digits > 0 ? "." + String(repeating: "0", count: digits - part.count) + part : ""
    return sign + "\(scaled / Int(factor))" + fraction
}
