/// Reads a regular expression in the language of Oniguruma (its Ruby syntax), as far as it is supported.
struct ExpressionParser {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private let pattern: String
    private let part: String
    private var ignoresCase = false
    private var dotTakesLineFeed = false
    private var depth = 0

    private init(_ pattern: String, part: String) {
        scalars = Array(pattern.unicodeScalars)
        self.pattern = pattern
        self.part = part
    }

    /// The parsed `pattern`.
    ///
    /// Throws ``PipelineError/unsupported(part:reason:)`` or ``PipelineError/invalid(part:reason:)`` with the construct.
    static func parse(_ pattern: String, part: String) throws(PipelineError) -> ExpressionNode {
        var parser = ExpressionParser(pattern, part: part)
        let node = try parser.alternatives()
        guard parser.place == parser.scalars.count else {
            throw parser.invalid("a closing parenthesis too many")
        }
        return node
    }

    private func unsupported(_ what: String) -> PipelineError {
        .unsupported(part: part, reason: "\(what) in the expression \(pattern.prefix(200))")
    }

    private func invalid(_ what: String) -> PipelineError {
        .invalid(part: part, reason: "\(what) at character \(place) of \(pattern.prefix(200))")
    }

    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private mutating func take() -> Unicode.Scalar? {
        guard place < scalars.count else { return nil }
        place += 1
        return scalars[place - 1]
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard place + wanted.count <= scalars.count,
            scalars[place..<place + wanted.count].elementsEqual(wanted)
        else { return false }
        place += wanted.count
        return true
    }

    private mutating func alternatives() throws(PipelineError) -> ExpressionNode {
        let (saved, savedDot) = (ignoresCase, dotTakesLineFeed)
        defer { (ignoresCase, dotTakesLineFeed) = (saved, savedDot) }
        return try alternativesInPlace()
    }

    /// The same, where options that are set on the way hold on after it.
    private mutating func alternativesInPlace() throws(PipelineError) -> ExpressionNode {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { throw unsupported("nesting deeper than 100") }
        var branches: [ExpressionNode] = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PipelineError) -> ExpressionNode {
        var nodes: [ExpressionNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            guard let atom = try atom() else { continue }
            nodes += try repeated(atom)
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    /// `atom` with the repetitions that follow it.
    private mutating func repeated(
        _ atom: ExpressionNode
    ) throws(PipelineError) -> [ExpressionNode] {
        var node = atom
        var after: [ExpressionNode] = []
        var count = 0
        while true {
            let bounds: (minimum: Int, maximum: Int?)
            var isInterval = false
            if take("*") {
                bounds = (0, nil)
            } else if take("+") {
                bounds = (1, nil)
            } else if take("?") {
                bounds = (0, 1)
            } else if next == "{", let interval = interval() {
                bounds = interval
                isInterval = true
            } else {
                return [node] + after
            }
            count += 1
            guard count < 10 else { throw unsupported("ten repetitions of one another") }
            if case .assertion = node { throw unsupported("a repeated assertion") }
            guard after.isEmpty else { throw unsupported("a repeated possessive repetition") }
            if let maximum = bounds.maximum, maximum < bounds.minimum {
                throw invalid("a repetition whose end is before its beginning")
            }
            guard max(bounds.minimum, bounds.maximum ?? 0) <= 1000 else {
                throw unsupported("a repetition of more than 1000")
            }
            let isLazy = take("?")
            // In this language {n,m}+ is one repetition of another; after *, + and ? the plus makes them possessive.
            let isPossessive = !isLazy && !isInterval && take("+")
            if isPossessive {
                // What one set takes greedily and never gives back ends where the set does.
                guard case .set(let set) = node else {
                    throw unsupported("a possessive repetition of more than one character class")
                }
                let ended = ExpressionNode.assertion(.ahead([set], [], isNegated: true))
                if bounds.maximum == 1 {
                    node = .alternatives([node, ended])
                    continue
                }
                after = [ended]
            }
            node = .repetition(
                node, minimum: bounds.minimum, maximum: bounds.maximum, isLazy: isLazy)
        }
    }

    /// `{n}`, `{n,}`, `{,m}` or `{n,m}`; nil, with nothing taken, where the brace is only a brace.
    private mutating func interval() -> (minimum: Int, maximum: Int?)? {
        let start = place
        place += 1
        let first = number()
        var result: (minimum: Int, maximum: Int?)?
        if take("}") {
            if let first { result = (first, first) }
        } else if take(",") {
            let second = number()
            if take("}"), first != nil || second != nil { result = (first ?? 0, second) }
        }
        if result == nil { place = start }
        return result
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, ("0"..."9").contains(scalar), (value ?? 0) < 1_000_000 {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            place += 1
        }
        return value
    }

    private func literal(_ scalar: Unicode.Scalar) -> ExpressionNode {
        var set = ScalarSet([.range(scalar.value, scalar.value)])
        set.ignoresCase = ignoresCase
        return .set(set)
    }

    private mutating func atom() throws(PipelineError) -> ExpressionNode? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "(": return try group()
        case "[":
            var set = try characterClass()
            set.ignoresCase = ignoresCase
            return .set(set)
        case ".":
            if dotTakesLineFeed { return .set(ScalarSet([.range(0, 0x10FFFF)])) }
            return .set(ScalarSet([.range(0x0A, 0x0A)], isNegated: true))
        case "^": return .assertion(.lineStart)
        case "$": return .assertion(.lineEnd)
        case "\\": return try escape()
        case "*", "+", "?":
            place -= 1
            throw invalid("nothing to repeat")
        case "{" where next.map { ("0"..."9").contains($0) } ?? false:
            // Without anything before it a brace is itself, unless it is a repetition.
            place -= 1
            if interval() != nil { throw invalid("nothing to repeat") }
            place += 1
            return literal(scalar)
        default: return literal(scalar)
        }
    }

    private mutating func group() throws(PipelineError) -> ExpressionNode? {
        var node: ExpressionNode?
        if take("?") {
            if take(":") {
                node = try alternatives()
            } else if take("=") {
                node = try look(isAhead: true, isNegated: false)
            } else if take("!") {
                node = try look(isAhead: true, isNegated: true)
            } else if take("<=") {
                node = try look(isAhead: false, isNegated: false)
            } else if take("<!") {
                node = try look(isAhead: false, isNegated: true)
            } else if take("#") {
                while let scalar = next, scalar != ")" {
                    _ = scalar
                    place += 1
                }
            } else if take("<") {
                while let scalar = take(), scalar != ">" {}
                node = try alternatives()
            } else if take(">") {
                throw unsupported("an atomic group (?>…)")
            } else {
                return try options()
            }
        } else {
            node = try alternatives()
        }
        guard take(")") else { throw invalid("a parenthesis that is not closed") }
        return node
    }

    /// `(?i)`, `(?i:…)`, `(?m-i:…)`, after the question mark.
    private mutating func options() throws(PipelineError) -> ExpressionNode? {
        var isOn = true
        let (savedCase, savedDot) = (ignoresCase, dotTakesLineFeed)
        while let scalar = take() {
            switch scalar {
            case "-": isOn = false
            case "i": ignoresCase = isOn
            case "m": dotTakesLineFeed = isOn
            case ")":
                // They hold to the end of the group around them, alternatives included.
                return try alternativesInPlace()
            case ":":
                let node = try alternatives()
                (ignoresCase, dotTakesLineFeed) = (savedCase, savedDot)
                guard take(")") else { throw invalid("a parenthesis that is not closed") }
                return node
            default: throw unsupported("(?\(scalar)…)")
            }
        }
        throw invalid("a parenthesis that is not closed")
    }

    /// A look ahead or behind, which may only ask about one scalar or a place.
    private mutating func look(
        isAhead: Bool, isNegated: Bool
    ) throws(PipelineError) -> ExpressionNode {
        let node = try alternatives()
        let branches: [ExpressionNode] =
            if case .alternatives(let branches) = node { branches } else { [node] }
        var sets: [ScalarSet] = []
        var conditions: [ExpressionAssertion] = []
        for branch in branches {
            switch branch {
            case .set(let set): sets.append(set)
            case .assertion(let condition): conditions.append(condition)
            default:
                throw unsupported(
                    "looking \(isAhead ? "ahead" : "behind") by more than a character")
            }
        }
        return .assertion(
            isAhead
                ? .ahead(sets, conditions, isNegated: isNegated)
                : .behind(sets, conditions, isNegated: isNegated))
    }

    private mutating func escape() throws(PipelineError) -> ExpressionNode {
        guard let scalar = next else { throw invalid("a backslash at the end") }
        switch scalar {
        case "A": place += 1; return .assertion(.textStart)
        case "z": place += 1; return .assertion(.textEnd)
        case "Z": place += 1; return .assertion(.lastLineEnd)
        case "b": place += 1; return .assertion(.wordBoundary(isNegated: false))
        case "B": place += 1; return .assertion(.wordBoundary(isNegated: true))
        case "1"..."9": throw unsupported("the back reference \\\(scalar)")
        case "G", "K", "X", "R", "g", "k", "O", "N", "y", "Y":
            throw unsupported("\\\(scalar)")
        default: break
        }
        var set = ScalarSet([try escapedItem()])
        set.ignoresCase = ignoresCase
        return .set(set)
    }

    /// The members of `[…]`, after the bracket.
    private mutating func characterClass() throws(PipelineError) -> ScalarSet {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { throw unsupported("nesting deeper than 100") }
        var set = ScalarSet()
        set.isNegated = take("^")
        var isFirst = true
        while true {
            if take("&&") {
                // The rest of the class is another one, and both must hold.
                var rest = try characterClass()
                var whole = ScalarSet([.range(0, 0x10FFFF)])
                var left = set
                left.isNegated = false
                rest.ignoresCase = ignoresCase
                whole.intersections = [left, rest]
                return ScalarSet([.set(whole)], isNegated: set.isNegated)
            }
            guard let scalar = take() else { throw invalid("a bracket that is not closed") }
            if scalar == "]", !isFirst { return set }
            isFirst = false
            if scalar == "[" {
                if take(":") {
                    set.items.append(try posixClass())
                } else {
                    set.items.append(.set(try characterClass()))
                }
                continue
            }
            var first = ScalarSet.Item.range(scalar.value, scalar.value)
            if scalar == "\\" { first = try escapedItem() }
            guard case .range(let low, let same) = first, low == same, next == "-",
                place + 1 < scalars.count, scalars[place + 1] != "]"
            else {
                set.items.append(first)
                continue
            }
            place += 1
            guard let end = take() else { throw invalid("a bracket that is not closed") }
            var last = ScalarSet.Item.range(end.value, end.value)
            if end == "\\" { last = try escapedItem() }
            if end == "[" { throw unsupported("a class at the end of a range") }
            guard case .range(let high, let alike) = last, high == alike else {
                throw unsupported("a class at the end of a range")
            }
            guard low <= high else { throw invalid("a range whose end is before its beginning") }
            set.items.append(.range(low, high))
        }
    }

    private mutating func posixClass() throws(PipelineError) -> ScalarSet.Item {
        let isNegated = take("^")
        var name = ""
        while let scalar = next, scalar != ":" {
            name.unicodeScalars.append(scalar)
            place += 1
        }
        guard take(":]"), let item = ExpressionProperties.item(named: name) else {
            throw unsupported("[:\(name):]")
        }
        return isNegated ? .set(ScalarSet([item], isNegated: true)) : item
    }

    /// What an escape stands for that is one scalar or a set, after the backslash.
    private mutating func escapedItem() throws(PipelineError) -> ScalarSet.Item {
        guard let scalar = take() else { throw invalid("a backslash at the end") }
        func single(_ value: UInt32) -> ScalarSet.Item { .range(value, value) }
        func not(_ item: ScalarSet.Item) -> ScalarSet.Item {
            .set(ScalarSet([item], isNegated: true))
        }
        switch scalar {
        case "n": return single(0x0A)
        case "r": return single(0x0D)
        case "t": return single(0x09)
        case "f": return single(0x0C)
        case "v": return single(0x0B)
        case "a": return single(0x07)
        case "e": return single(0x1B)
        case "b": return single(0x08)
        case "0": return single(0)
        case "s": return .traits(UnicodeTraits.space)
        case "S": return not(.traits(UnicodeTraits.space))
        case "w": return .traits(UnicodeTraits.word)
        case "W": return not(.traits(UnicodeTraits.word))
        case "d": return ExpressionProperties.decimal
        case "D": return not(ExpressionProperties.decimal)
        case "h": return ExpressionProperties.hexadecimal
        case "H": return not(ExpressionProperties.hexadecimal)
        case "x": return single(try hexadecimal(2))
        case "u": return single(try hexadecimal(4))
        case "p", "P":
            let item = try property()
            return scalar == "P" ? not(item) : item
        default:
            if scalar.value < 0x80, scalar.properties.isAlphabetic || ("1"..."9").contains(scalar) {
                throw unsupported("\\\(scalar)")
            }
            return single(scalar.value)
        }
    }

    private mutating func hexadecimal(_ digits: Int) throws(PipelineError) -> UInt32 {
        let isBraced = take("{")
        var value: UInt32 = 0
        var count = 0
        while let scalar = next, let digit = Character(scalar).hexDigitValue, scalar.isASCII,
            count < (isBraced ? 6 : digits)
        {
            value = value << 4 | UInt32(digit)
            place += 1
            count += 1
        }
        guard count > 0, !isBraced || take("}"), value <= 0x10FFFF else {
            throw invalid("a number of a character that is none")
        }
        return value
    }

    /// `{L}`, `{^L}` after `\p`.
    private mutating func property() throws(PipelineError) -> ScalarSet.Item {
        guard take("{") else { throw invalid("\\p without braces") }
        let isNegated = take("^")
        var name = ""
        while let scalar = next, scalar != "}" {
            name.unicodeScalars.append(scalar)
            place += 1
        }
        guard take("}") else { throw invalid("a brace that is not closed") }
        guard let item = ExpressionProperties.item(named: name) else {
            throw unsupported("\\p{\(name)}")
        }
        return isNegated ? .set(ScalarSet([item], isNegated: true)) : item
    }
}

/// The names that `\p{…}` knows.
enum ExpressionProperties {
    private static func categories(_ test: (String) -> Bool) -> ScalarSet.Item {
        var mask: UInt32 = 0
        for (index, name) in UnicodeTraits.categories.enumerated() where test(name) {
            mask |= 1 << UInt32(index)
        }
        return .categories(mask)
    }

    /// `\d`.
    static let decimal = categories { $0 == "Nd" }
    /// `\h`.
    static let hexadecimal = ScalarSet.Item.set(
        ScalarSet([.range(0x30, 0x39), .range(0x41, 0x46), .range(0x61, 0x66)]))

    private static let longNames: [String: String] = [
        "letter": "L", "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt",
        "modifierletter": "Lm", "otherletter": "Lo", "mark": "M", "nonspacingmark": "Mn",
        "spacingmark": "Mc", "enclosingmark": "Me", "number": "N", "decimalnumber": "Nd",
        "letternumber": "Nl", "othernumber": "No", "punctuation": "P", "symbol": "S",
        "separator": "Z", "other": "C", "control": "Cc", "format": "Cf", "surrogate": "Cs",
        "privateuse": "Co", "unassigned": "Cn", "connectorpunctuation": "Pc",
        "dashpunctuation": "Pd", "openpunctuation": "Ps", "closepunctuation": "Pe",
        "initialpunctuation": "Pi", "finalpunctuation": "Pf", "otherpunctuation": "Po",
        "mathsymbol": "Sm", "currencysymbol": "Sc", "modifiersymbol": "Sk", "othersymbol": "So",
        "spaceseparator": "Zs", "lineseparator": "Zl", "paragraphseparator": "Zp",
    ]

    /// What `name` stands for; nil where it is not known.
    static func item(named name: String) -> ScalarSet.Item? {
        let plain = name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
        switch plain {
        case "any": return .range(0, 0x10FFFF)
        case "assigned": return categories { $0 != "Cn" }
        case "space", "whitespace": return .traits(UnicodeTraits.space)
        case "word": return .traits(UnicodeTraits.word)
        case "digit": return decimal
        case "xdigit": return hexadecimal
        case "punct": return .traits(UnicodeTraits.punctuation)
        case "cntrl": return categories { $0 == "Cc" }
        case "l&", "lc": return categories { ["Lu", "Ll", "Lt"].contains($0) }
        case "ascii": return .range(0, 0x7F)
        default: break
        }
        let short = longNames[plain] ?? plain
        let isKnown = UnicodeTraits.categories.contains {
            $0.lowercased() == short.lowercased()
                || $0.prefix(1).lowercased() == short.lowercased()
        }
        if isKnown {
            return categories {
                $0.lowercased() == short.lowercased()
                    || $0.prefix(1).lowercased() == short.lowercased()
            }
        }
        return UnicodeScripts.item(named: plain)
    }
}
