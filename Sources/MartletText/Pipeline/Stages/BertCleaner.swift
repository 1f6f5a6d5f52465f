/// BERT's normalisation scalar by scalar, for when nobody asks where bytes come from.
///
/// What a scalar becomes is worked out once and kept. Texts in which marks could change their order are left to the steps
/// of ``NormalizerRunner``.
struct BertCleaner: ~Copyable {
    /// The results, each after its length.
    private var results: [UInt8] = []
    private var places: [UInt32: UInt32] = [:]
    private var options: NormalizerStep.BertCleaning?
    private var out = FlatBuffer<UInt8>()
    /// What each byte of ASCII becomes; 0 where it is dropped.
    private var ascii = [UInt8](repeating: 0, count: 128)
    /// For Han characters: as they are, between spaces.
    private var spacesHan = false

    /// Cleans `text` from `start` on; false, with nothing changed, where that cannot be done scalar by scalar.
    mutating func clean(
        _ text: inout WorkText, from start: Int, _ options: NormalizerStep.BertCleaning,
        _ traits: UnicodeTraits
    ) -> Bool {
        if self.options != options { prepare(options, traits) }
        let base = text.bytes.base
        let end = text.count
        out.count = 0
        var place = start
        while place < end {
            let byte = base[place]
            out.reserve(64)
            if byte < 0x80 {
                // A zero byte that stays is left to the steps: here zero means that a byte is dropped.
                if byte == 0, !options.cleans { return false }
                let mapped = ascii[Int(byte)]
                out.base[out.count] = mapped
                out.count += mapped == 0 ? 0 : 1
                place += 1
                continue
            }
            let (value, length) = scalar(base, place)
            place += length
            if value >= 0x4E00, value <= 0x9FFF {
                if spacesHan { out.append(0x20) }
                out.append(base + (place - length), length)
                if spacesHan { out.append(0x20) }
                continue
            }
            guard let known = places[value] ?? work(out: value, traits) else { return false }
            let start = Int(known)
            let count = Int(results[start])
            results.withUnsafeBufferPointer { out.append($0.baseAddress! + start + 1, count) }
        }
        text.bytes.count = start
        text.bytes.append(out.base, out.count)
        return true
    }

    /// Forgets what was worked out with other options, and works out ASCII.
    private mutating func prepare(
        _ options: NormalizerStep.BertCleaning, _ traits: UnicodeTraits
    ) {
        self.options = options
        spacesHan = options.spacesHan
        results = []
        places = [:]
        for byte in UInt32(0)..<128 {
            ascii[Int(byte)] = 0
            let isSpace = traits[byte] & UnicodeTraits.space != 0
            if options.cleans, byte == 0 || traits[byte] & UnicodeTraits.control != 0 { continue }
            var mapped = options.cleans && isSpace ? 0x20 : byte
            if options.lowercases, mapped &- 0x41 < 26 { mapped |= 0x20 }
            ascii[Int(byte)] = UInt8(mapped)
        }
    }

    /// Works out what `value` becomes, and keeps it; nil where its neighbours matter.
    private mutating func work(out value: UInt32, _ traits: UnicodeTraits) -> UInt32? {
        let options = self.options!
        var values: [UInt32] = []
        if options.cleans, value == 0xFFFD || traits[value] & UnicodeTraits.control != 0 {
            values = []
        } else if options.cleans, traits[value] & UnicodeTraits.space != 0 {
            values = [0x20]
        } else {
            values = [value]
            if options.spacesHan, traits[value] & UnicodeTraits.han != 0 {
                values = [0x20, value, 0x20]
            }
            if options.stripsAccents {
                let table = Normalization.shared
                var changes = FlatBuffer<ScalarChange>()
                var bytes = FlatBuffer<UInt8>()
                for value in values { bytes.append(scalar: value) }
                table.changes(bytes.base, bytes.count, .nfd, into: &changes)
                values = []
                for index in 0..<changes.count {
                    let value = changes[index].value
                    if traits[value] & UnicodeTraits.nonspacing != 0 { continue }
                    // A mark that stays could move before or behind another one.
                    guard table.combiningClass(value) == 0 else { return nil }
                    values.append(value)
                }
            }
            if options.lowercases {
                values = values.flatMap { value in
                    Unicode.Scalar(value)!.properties.lowercaseMapping.unicodeScalars.map(\.value)
                }
            }
        }
        let place = UInt32(results.count)
        results.append(0)
        for value in values { results.append(contentsOf: UTF8.encode(Unicode.Scalar(value)!)!) }
        results[Int(place)] = UInt8(results.count - Int(place) - 1)
        places[value] = place
        return place
    }
}
