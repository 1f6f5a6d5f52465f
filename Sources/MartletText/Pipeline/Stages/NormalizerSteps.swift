/// One normalizer, made ready to run.
enum NormalizerStep: Sendable {
    case form(Normalization.Form)
    case bert(BertCleaning)
    case strip(left: Bool, right: Bool)
    case stripAccents
    case lowercase
    case nmt
    case precompiled(PrecompiledCharacterMap)
    case replace(CompiledPattern, [UInt8])
    case prepend([UInt8])
    case byteLevel

    /// What `BertNormalizer` does.
    struct BertCleaning: Sendable, Equatable {
        var cleans: Bool
        var spacesHan: Bool
        var stripsAccents: Bool
        var lowercases: Bool
    }

    /// The steps of `normalizer`, in order.
    ///
    /// Throws ``PipelineError`` where a pattern is not supported.
    static func steps(_ normalizer: Normalizer?, part: String = "normalizer") throws -> [Self] {
        switch normalizer {
        case nil: return []
        case .bert(let cleans, let han, let accents, let lowercase):
            return [
                .bert(
                    BertCleaning(
                        cleans: cleans, spacesHan: han, stripsAccents: accents ?? lowercase,
                        lowercases: lowercase))
            ]
        case .strip(let left, let right): return [.strip(left: left, right: right)]
        case .stripAccents: return [.stripAccents]
        case .nfc: return [.form(.nfc)]
        case .nfd: return [.form(.nfd)]
        case .nfkc: return [.form(.nfkc)]
        case .nfkd: return [.form(.nfkd)]
        case .lowercase: return [.lowercase]
        case .nmt: return [.nmt]
        case .precompiled(let map): return [.precompiled(map)]
        case .replace(let pattern, let content):
            return [.replace(try CompiledPattern(pattern, part: part), Array(content.utf8))]
        case .prepend(let text): return [.prepend(Array(text.utf8))]
        case .byteLevel: return [.byteLevel]
        case .sequence(let normalizers):
            var steps: [Self] = []
            for (index, normalizer) in normalizers.enumerated() {
                steps += try Self.steps(normalizer, part: "\(part).normalizers[\(index)]")
            }
            return steps
        }
    }
}

/// Runs normalizers over the last part of a text; a worker has its own.
struct NormalizerRunner: ~Copyable {
    private var changes = FlatBuffer<ScalarChange>()
    private var spare = WorkText()
    private var matches = FlatBuffer<TextMatch>()
    private var cleaning = BertCleaner()

    /// Normalises what stands in `text` from `start` on, which begins at `origin` in the original.
    mutating func run(
        _ steps: [NormalizerStep], on text: inout WorkText, from start: Int, origin: Int,
        traits: UnicodeTraits, memory: inout ExpressionMemory
    ) throws {
        for step in steps where text.count > start {
            switch step {
            case .form(let form): normalise(&text, start, origin, form)
            case .bert(let options):
                if text.tracks || !cleaning.clean(&text, from: start, options, traits) {
                    bert(&text, start, origin, options, traits)
                }
            case .strip(let left, let right): strip(&text, start, origin, left, right, traits)
            case .stripAccents:
                filter(&text, start, origin) { traits[$0] & UnicodeTraits.mark == 0 }
            case .lowercase: lowercase(&text, start, origin)
            case .nmt: nmt(&text, start, origin)
            case .precompiled(let map): apply(map, to: &text, start, origin)
            case .replace(let pattern, let content):
                try replace(&text, start, origin, pattern, content, traits, &memory)
            case .prepend(let content): prepend(&text, start, content)
            case .byteLevel: byteLevel(&text, start, origin)
            }
            try WorkText.checkSize(text.count)
        }
    }

    /// Carries out ``changes``.
    private mutating func transform(
        _ text: inout WorkText, _ start: Int, _ origin: Int, removed: Int = 0
    ) {
        spare.removeAll(tracks: text.tracks)
        spare.append(
            changes, of: text, from: start, to: text.count, removed: removed, origin: origin)
        text.replace(from: start, with: spare)
    }

    private mutating func normalise(
        _ text: inout WorkText, _ start: Int, _ origin: Int, _ form: Normalization.Form
    ) {
        let count = text.count - start
        if isASCII(text.bytes.base + start, count)
            || Normalization.shared.isUnchanged(text.bytes.base + start, count, form)
        {
            return
        }
        changes.count = 0
        Normalization.shared.changes(text.bytes.base + start, count, form, into: &changes)
        transform(&text, start, origin)
    }

    private mutating func filter(
        _ text: inout WorkText, _ start: Int, _ origin: Int, _ keeps: (UInt32) -> Bool
    ) {
        changes.count = 0
        var removedFirst = 0
        var removed: Int32 = 0
        var place = start
        while place < text.count {
            let (value, length) = scalar(text.bytes.base, place)
            place += length
            if keeps(value) {
                if changes.count > 0 {
                    changes[changes.count - 1].change = -removed
                } else {
                    removedFirst = Int(removed)
                }
                changes.append(ScalarChange(value: value, change: 0))
                removed = 0
            } else {
                removed += 1
            }
        }
        if changes.count > 0 { changes[changes.count - 1].change = -removed }
        transform(&text, start, origin, removed: removedFirst)
    }

    private mutating func map(
        _ text: inout WorkText, _ start: Int, _ origin: Int, _ body: (UInt32) -> UInt32
    ) {
        changes.count = 0
        var place = start
        while place < text.count {
            let (value, length) = scalar(text.bytes.base, place)
            place += length
            changes.append(ScalarChange(value: body(value), change: 0))
        }
        transform(&text, start, origin)
    }

    private mutating func lowercase(_ text: inout WorkText, _ start: Int, _ origin: Int) {
        let count = text.count - start
        if isASCII(text.bytes.base + start, count) {
            for place in start..<text.count where text.bytes[place] &- 0x41 < 26 {
                text.bytes[place] |= 0x20
            }
            return
        }
        changes.count = 0
        var place = start
        while place < text.count {
            let (value, length) = scalar(text.bytes.base, place)
            place += length
            appendLowercase(value)
        }
        transform(&text, start, origin)
    }

    private mutating func appendLowercase(_ value: UInt32) {
        if value < 0x80 {
            let isUpper = value &- 0x41 < 26
            changes.append(ScalarChange(value: isUpper ? value | 0x20 : value, change: 0))
        } else if (0x2E80...0xA4CF).contains(value) {
            changes.append(ScalarChange(value: value, change: 0))
        } else {
            var change: Int32 = 0
            for lower in Unicode.Scalar(value)!.properties.lowercaseMapping.unicodeScalars {
                changes.append(ScalarChange(value: lower.value, change: change))
                change = 1
            }
        }
    }

    private mutating func bert(
        _ text: inout WorkText, _ start: Int, _ origin: Int,
        _ options: NormalizerStep.BertCleaning, _ traits: UnicodeTraits
    ) {
        if options.cleans {
            filter(&text, start, origin) {
                $0 != 0 && $0 != 0xFFFD && traits[$0] & UnicodeTraits.control == 0
            }
            map(&text, start, origin) {
                traits[$0] & UnicodeTraits.space != 0 ? 0x20 : $0
            }
        }
        if options.spacesHan {
            changes.count = 0
            var place = start
            while place < text.count {
                let (value, length) = scalar(text.bytes.base, place)
                place += length
                if traits[value] & UnicodeTraits.han != 0 {
                    changes.append(ScalarChange(value: 0x20, change: 0))
                    changes.append(ScalarChange(value: value, change: 1))
                    changes.append(ScalarChange(value: 0x20, change: 1))
                } else {
                    changes.append(ScalarChange(value: value, change: 0))
                }
            }
            transform(&text, start, origin)
        }
        if options.stripsAccents {
            normalise(&text, start, origin, .nfd)
            filter(&text, start, origin) { traits[$0] & UnicodeTraits.nonspacing == 0 }
        }
        if options.lowercases { lowercase(&text, start, origin) }
    }

    private mutating func strip(
        _ text: inout WorkText, _ start: Int, _ origin: Int, _ left: Bool, _ right: Bool,
        _ traits: UnicodeTraits
    ) {
        let base = text.bytes.base
        var first = start
        var removed = 0
        while left, first < text.count {
            let (value, length) = scalar(base, first)
            if traits[value] & UnicodeTraits.space == 0 { break }
            first += length
            removed += 1
        }
        var last = text.count
        while right, last > first {
            let (value, length) = scalarBefore(base, last)
            if traits[value] & UnicodeTraits.space == 0 { break }
            last -= length
        }
        guard first > start || last < text.count else { return }
        changes.count = 0
        var place = first
        while place < last {
            let (value, length) = scalar(base, place)
            place += length
            changes.append(ScalarChange(value: value, change: 0))
        }
        transform(&text, start, origin, removed: removed)
    }

    private mutating func nmt(_ text: inout WorkText, _ start: Int, _ origin: Int) {
        filter(&text, start, origin) {
            switch $0 {
            case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: false
            default: true
            }
        }
        map(&text, start, origin) {
            switch $0 {
            case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF,
                0xFFFD:
                0x20
            default: $0
            }
        }
    }

    private mutating func prepend(_ text: inout WorkText, _ start: Int, _ content: [UInt8]) {
        guard !content.isEmpty else { return }
        spare.removeAll(tracks: text.tracks)
        content.withUnsafeBufferPointer { spare.bytes.append($0.baseAddress!, $0.count) }
        if text.tracks {
            for _ in content { spare.alignments.append(text.alignments[start]) }
            spare.alignments.append(text.alignments.base + start, text.count - start)
        }
        spare.bytes.append(text.bytes.base + start, text.count - start)
        text.replace(from: start, with: spare)
    }

    private mutating func byteLevel(_ text: inout WorkText, _ start: Int, _ origin: Int) {
        changes.count = 0
        var place = start
        while place < text.count {
            let length = scalarLength(text.bytes[place])
            for index in 0..<length {
                let value = ByteAlphabet.scalars[Int(text.bytes[place + index])]
                changes.append(ScalarChange(value: value, change: index == 0 ? 0 : 1))
            }
            place += length
        }
        transform(&text, start, origin)
    }

    private mutating func replace(
        _ text: inout WorkText, _ start: Int, _ origin: Int, _ pattern: CompiledPattern,
        _ content: [UInt8], _ traits: UnicodeTraits, _ memory: inout ExpressionMemory
    ) throws {
        matches.count = 0
        try pattern.find(
            in: text.bytes.base, start, text.count, traits, &memory, into: &matches)
        spare.removeAll(tracks: text.tracks)
        for index in 0..<matches.count {
            let match = matches[index]
            let (from, to) = (Int(match.start), Int(match.end))
            if !match.isMatch {
                spare.bytes.append(text.bytes.base + from, to - from)
                if text.tracks { spare.alignments.append(text.alignments.base + from, to - from) }
                continue
            }
            content.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                spare.bytes.append(base, buffer.count)
                guard text.tracks else { return }
                let alignment =
                    to == start ? Alignment(repeating: Int32(origin)) : text.alignments[to - 1]
                for _ in content { spare.alignments.append(alignment) }
            }
        }
        text.replace(from: start, with: spare)
    }

    /// SentencePiece's map: by whole characters shorter than six bytes, else by scalars.
    private mutating func apply(
        _ map: PrecompiledCharacterMap, to text: inout WorkText, _ start: Int, _ origin: Int
    ) {
        let part = UnsafeBufferPointer(
            start: UnsafePointer(text.bytes.base + start), count: text.count - start)
        changes.count = 0
        var isModified = false
        var place = 0
        while place < part.count {
            let end = characterEnd(part, place)
            if end - place < 6,
                let result = map.transform(UnsafeBufferPointer(rebasing: part[place..<end]))
            {
                isModified = true
                put(map, result, for: part, place, end)
            } else {
                var inner = place
                while inner < end {
                    let (value, length) = scalar(part.baseAddress!, inner)
                    let range = inner..<inner + length
                    if let result = map.transform(UnsafeBufferPointer(rebasing: part[range])) {
                        isModified = true
                        put(map, result, for: part, inner, inner + length)
                    } else {
                        changes.append(ScalarChange(value: value, change: 0))
                    }
                    inner += length
                }
            }
            place = end
        }
        if isModified { transform(&text, start, origin) }
    }

    /// Notes that the scalars from `start` to `end` become what `map` has at `result`.
    private mutating func put(
        _ map: PrecompiledCharacterMap, _ result: Range<Int>,
        for part: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) {
        var difference: Int32 = 0
        var place = start
        while place < end {
            place += scalarLength(part[place])
            difference -= 1
        }
        map.bytes.withUnsafeBufferPointer { bytes in
            var place = result.lowerBound
            while place < result.upperBound {
                let (value, length) = scalar(bytes.baseAddress!, place)
                changes.append(ScalarChange(value: value, change: 0))
                place += length
                difference += 1
            }
        }
        if difference > 0 {
            for index in max(0, changes.count - Int(difference))..<changes.count {
                changes[index].change = 1
            }
        } else if difference < 0, changes.count > 0 {
            changes[changes.count - 1].change += difference
        }
    }

    /// Whether a scalar never shares a character with another such one, but for a line feed after a carriage return: Latin,
    /// kana, Han and their punctuation, for which the standard library need not be asked.
    static func standsAlone(_ value: UInt32) -> Bool {
        switch value {
        case 0..<0x300, 0x3000...0x3029, 0x3041...0x3096, 0x309B...0x30FF, 0x3400...0x9FFF,
            0xFF01...0xFF9D:
            true
        default: false
        }
    }

    /// The end of the character (extended grapheme cluster) that begins at `place`.
    private func characterEnd(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        let (first, length) = scalar(text.baseAddress!, place)
        let after = place + length
        guard after < text.count else { return after }
        if Self.standsAlone(first) {
            let next = scalar(text.baseAddress!, after).value
            if Self.standsAlone(next) { return first == 0x0D && next == 0x0A ? after + 1 : after }
        }
        // No character of a text has more bytes than this window, or it is as long as to be cut anywhere.
        var window = min(place + 64, text.count)
        while true {
            while window < text.count, text[window] & 0xC0 == 0x80 { window -= 1 }
            let string = String(decoding: text[place..<window], as: UTF8.self)
            let length = string[string.startIndex].utf8.count
            if place + length < window || window == text.count { return place + length }
            window = min(place + (window - place) * 4, text.count)
        }
    }
}

/// Whether all of `count` bytes are ASCII.
@inline(__always)
func isASCII(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let raw = UnsafeRawPointer(text)
    var place = 0
    var all: UInt64 = 0
    while place + 8 <= count {
        all |= raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        place += 8
    }
    while place < count {
        all |= UInt64(text[place])
        place += 1
    }
    return all & 0x8080_8080_8080_8080 == 0
}
