extension PostProcessor {
    /// How many tokens it adds to one text, or to two.
    func addedCount(isPair: Bool) -> Int {
        switch self {
        case .template(let template): template.addedCount(isPair: isPair)
        case .bert: isPair ? 3 : 2
        case .roberta: isPair ? 4 : 2
        case .byteLevel: 0
        case .sequence(let processors):
            processors.reduce(0) { $0 + $1.addedCount(isPair: isPair) }
        }
    }

    /// What `encodings`, one or two, become.
    ///
    /// Source: `processors` of Hugging Face tokenizers. Throws ``PipelineError/unsupported(part:reason:)`` where a template
    /// follows another one.
    func process(_ encodings: [Encoding], addsSpecial: Bool) throws -> [Encoding] {
        switch self {
        case .template(let template):
            guard encodings.count <= 2 else {
                throw PipelineError.unsupported(
                    part: "post_processor", reason: "a template after another one")
            }
            return Self.apply(template, encodings, addsSpecial: addsSpecial)
        case .bert(let separator, let start):
            guard addsSpecial else { return encodings }
            return encodings.enumerated().map { index, encoding in
                index == 0
                    ? encoding.surrounded(by: start, separator, typeID: 0, sequence: 0)
                    : encoding.surrounded(by: nil, separator, typeID: 1, sequence: 1)
            }
        case .roberta(let separator, let start, let trimsOffsets, let addsPrefixSpace):
            var encodings = encodings
            for index in encodings.indices {
                if trimsOffsets { encodings[index].trimOffsets(addsPrefixSpace) }
                encodings[index].typeIDs = Array(repeating: 0, count: encodings[index].count)
            }
            guard addsSpecial else { return encodings }
            return encodings.enumerated().map { index, encoding in
                encoding.surrounded(
                    by: index == 0 ? start : separator, separator, typeID: 0, sequence: index,
                    resetsTypes: true)
            }
        case .byteLevel(let options):
            var encodings = encodings
            for index in encodings.indices {
                if options.trimsOffsets { encodings[index].trimOffsets(options.addsPrefixSpace) }
                encodings[index].sequenceRanges = [index: 0..<encodings[index].count]
            }
            return encodings
        case .sequence(let processors):
            return try processors.reduce(encodings) {
                try $1.process($0, addsSpecial: addsSpecial)
            }
        }
    }

    private static func apply(
        _ template: TokenTemplate, _ encodings: [Encoding], addsSpecial: Bool
    ) -> [Encoding] {
        let parts = encodings.count == 2 ? template.pair : template.single
        return parts.compactMap { part in
            let (index, typeID): (Int, Int32)
            switch part {
            case .first(let id): (index, typeID) = (0, id)
            case .second(let id): (index, typeID) = (1, id)
            case .special(let name, let id):
                guard addsSpecial else { return nil }
                let special = template.special(name)
                var encoding = Encoding()
                for (id, token) in zip(special.ids, special.tokens) {
                    encoding.appendSpecial(id: id, token: token)
                }
                encoding.typeIDs = Array(repeating: id, count: encoding.count)
                return encoding
            }
            var encoding = encodings[index]
            encoding.typeIDs = Array(repeating: typeID, count: encoding.count)
            encoding.sequenceRanges = [index: 0..<encoding.count]
            return encoding
        }
    }
}

extension Encoding {
    /// Appends a token that is not of the text.
    mutating func appendSpecial(
        id: Int32, token: String, typeID: Int32 = 0, isPadding: Bool = false
    ) {
        ids.append(id)
        tokens.append(token)
        typeIDs.append(typeID)
        words.append(nil)
        byteOffsets.append(0..<0)
        offsets.append(0..<0)
        specialTokensMask.append(1)
        attentionMask.append(isPadding ? 0 : 1)
    }

    /// The same between two special tokens, the parts that were cut off too.
    fileprivate func surrounded(
        by start: PostProcessor.SpecialToken?, _ end: PostProcessor.SpecialToken, typeID: Int32,
        sequence: Int, resetsTypes: Bool = false
    ) -> Encoding {
        var result = Encoding()
        if let start { result.appendSpecial(id: start.id, token: start.content, typeID: typeID) }
        let first = result.count
        result.append(self)
        if resetsTypes { result.typeIDs = Array(repeating: 0, count: result.count) }
        result.appendSpecial(id: end.id, token: end.content, typeID: typeID)
        result.attentionMask = Array(repeating: 1, count: result.count)
        for index in first..<first + count { result.specialTokensMask[index] = 0 }
        result.sequenceRanges = [sequence: first..<first + count]
        result.overflowing = overflowing.map {
            $0.surrounded(
                by: start, end, typeID: typeID, sequence: sequence, resetsTypes: resetsTypes)
        }
        return result
    }

    /// Appends the tokens of `other`, and nothing else of it.
    fileprivate mutating func append(_ other: Encoding) {
        ids += other.ids
        tokens += other.tokens
        typeIDs += other.typeIDs
        words += other.words
        byteOffsets += other.byteOffsets
        offsets += other.offsets
        specialTokensMask += other.specialTokensMask
        attentionMask += other.attentionMask
    }

    /// Appends `other`, and makes all parts that were cut off of all parts of both.
    mutating func merge(_ other: Encoding) {
        var parts: [Encoding] = []
        for part in overflowing {
            for tail in [other] + other.overflowing {
                var whole = part
                whole.overflowing = []
                var last = tail
                last.overflowing = []
                whole.merge(last)
                parts.append(whole)
            }
        }
        for tail in other.overflowing {
            var whole = self
            whole.overflowing = []
            whole.merge(tail)
            parts.append(whole)
        }
        for (sequence, range) in other.sequenceRanges {
            sequenceRanges[sequence] = count + range.lowerBound..<count + range.upperBound
        }
        append(other)
        overflowing = parts
    }

    /// Leaves white space at the ends of tokens out of their offsets.
    fileprivate mutating func trimOffsets(_ addsPrefixSpace: Bool) {
        for index in 0..<count {
            let scalars = Array(tokens[index].unicodeScalars)
            func isSpace(_ scalar: Unicode.Scalar) -> Bool {
                scalar.value == ByteAlphabet.space || scalar.properties.isWhitespace
            }
            var leading = scalars.prefix(while: isSpace)
            let trailing = scalars.reversed().prefix(while: isSpace)
            if !leading.isEmpty {
                let isFirst = index == 0 || offsets[index].lowerBound == 0
                if isFirst, addsPrefixSpace, leading.count == 1 { leading = [] }
                offsets[index] = Self.cut(offsets[index], left: leading.count)
                byteOffsets[index] = Self.cut(byteOffsets[index], left: Self.size(leading))
            }
            if !trailing.isEmpty {
                offsets[index] = Self.cut(offsets[index], right: trailing.count)
                byteOffsets[index] = Self.cut(byteOffsets[index], right: Self.size(trailing))
            }
        }
        for index in overflowing.indices { overflowing[index].trimOffsets(addsPrefixSpace) }
    }

    /// How many bytes these scalars are in the original text.
    private static func size(_ scalars: some Sequence<Unicode.Scalar>) -> Int {
        scalars.reduce(0) {
            $0 + ($1.value == ByteAlphabet.space ? 1 : UTF8.encode($1)!.count)
        }
    }

    private static func cut(_ range: Range<Int>, left: Int = 0, right: Int = 0) -> Range<Int> {
        let start = min(range.lowerBound + left, range.upperBound)
        let end =
            range.upperBound >= right ? max(range.upperBound - right, start) : range.upperBound
        return start..<end
    }
}
