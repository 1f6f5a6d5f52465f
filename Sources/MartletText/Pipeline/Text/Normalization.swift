/// One scalar of a changed text, and how it came about.
///
/// `change` is 0 for a scalar that replaces the next one of the text before, 1 for one put in, and -n for one that replaces
/// the next and takes the n after it with it.
struct ScalarChange: BitwiseCopyable {
    var value: UInt32
    var change: Int32
}

/// A number for each Unicode scalar, zero for most: by pages of 256.
private struct ScalarTable {
    private(set) var pages: [UnsafeMutablePointer<UInt32>?] = Array(repeating: nil, count: 0x1100)

    @inline(__always)
    subscript(value: UInt32) -> UInt32 {
        get { pages[Int(value >> 8)].map { $0[Int(value & 0xFF)] } ?? 0 }
        set {
            if pages[Int(value >> 8)] == nil {
                let page = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
                page.initialize(repeating: 0, count: 256)
                pages[Int(value >> 8)] = page
            }
            pages[Int(value >> 8)]![Int(value & 0xFF)] = newValue
        }
    }
}

/// The four normalisation forms of Unicode (UAX #15), with the changes that lead to them.
///
/// The order in which changes come out, and how compositions add up, is that of the normaliser in Hugging Face tokenizers,
/// so that offsets are the same.
final class Normalization: @unchecked Sendable {
    /// One of the four forms.
    enum Form: UInt32 {
        case nfc = 1
        case nfd = 2
        case nfkc = 4
        case nfkd = 8

        var isCompatible: Bool { self == .nfkc || self == .nfkd }
        var composes: Bool { self == .nfc || self == .nfkc }
    }

    /// The tables, unpacked when they are first needed; never freed.
    static let shared = Normalization()

    /// Where a mapping lies in ``mapped`` (times 32), and its length.
    private var canonical = ScalarTable()
    private var compatible = ScalarTable()
    private var mapped: [UInt32] = []
    /// The combining class (8 bits), and above it for which forms the scalar may not stay as it is.
    private var info = ScalarTable()
    private var pairs: [UInt64: UInt32] = [:]

    private init() {
        let both = Form.nfd.rawValue | Form.nfkd.rawValue
        unpack(NormalizationTable.canonical) { value, scalars in
            canonical[value] = store(scalars)
            info[value] |= (both | Form.nfc.rawValue | Form.nfkc.rawValue) << 8
        }
        unpack(NormalizationTable.compatible) { value, scalars in
            compatible[value] = store(scalars)
            info[value] |= (Form.nfkd.rawValue | Form.nfkc.rawValue) << 8
        }
        var numbers = PackedNumbers.unpack(NormalizationTable.compositions)
        var place = 0
        while place < numbers.count {
            let (first, second) = (numbers[place], numbers[place + 1])
            let composed = numbers[place + 2]
            pairs[UInt64(first) << 32 | UInt64(second)] = composed
            // What composes to itself may stay; what joins the scalar before it may not.
            info[composed] &= ~(Form.nfc.rawValue << 8)
            if compatible[composed] == 0 { info[composed] &= ~(Form.nfkc.rawValue << 8) }
            place += 3
        }
        let composing = (Form.nfc.rawValue | Form.nfkc.rawValue) << 8
        for key in pairs.keys { info[UInt32(truncatingIfNeeded: key)] |= composing }
        for vowel in UInt32(0x1161)...0x1175 { info[vowel] |= composing }
        for tail in UInt32(0x11A8)...0x11C2 { info[tail] |= composing }
        for syllable in UInt32(0xAC00)...0xD7A3 { info[syllable] |= both << 8 }
        numbers = PackedNumbers.unpack(NormalizationTable.classes)
        place = 0
        var start: UInt32 = 0
        while place < numbers.count {
            start += numbers[place]
            for value in start..<start + numbers[place + 1] {
                info[value] |= numbers[place + 2] | (both << 8) | composing
            }
            place += 3
        }
    }

    private func store(_ scalars: ArraySlice<UInt32>) -> UInt32 {
        mapped.append(contentsOf: scalars)
        return UInt32(mapped.count - scalars.count) << 5 | UInt32(scalars.count)
    }

    private func unpack(
        _ text: StaticString, _ body: (UInt32, ArraySlice<UInt32>) -> Void
    ) {
        let numbers = PackedNumbers.unpack(text)
        var place = 0
        var value: UInt32 = 0
        while place < numbers.count {
            value += numbers[place]
            let count = Int(numbers[place + 1])
            body(value, numbers[place + 2..<place + 2 + count])
            place += 2 + count
        }
    }

    /// Whether `text` is in `form` for certain: nothing in it changes, reorders or joins.
    func isUnchanged(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ form: Form
    ) -> Bool {
        let mask = form.rawValue << 8
        var place = 0
        while place < count {
            if text[place] < 0x80 {
                place += 1
                continue
            }
            let (value, length) = scalar(text, place)
            if info[value] & mask != 0 { return false }
            place += length
        }
        return true
    }

    /// The combining class of `value`.
    func combiningClass(_ value: UInt32) -> UInt32 { info[value] & 0xFF }

    /// What `text` becomes in `form`, scalar by scalar.
    func changes(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ form: Form,
        into result: inout FlatBuffer<ScalarChange>
    ) {
        let start = result.count
        var place = 0
        // Where the run begins that is not yet in canonical order.
        var pending = start
        while place < count {
            let (value, length) = scalar(text, place)
            place += length
            decompose(value, form, into: &result, pending: &pending)
        }
        sort(&result, from: pending)
        if form.composes { compose(&result, from: start) }
    }

    private func decompose(
        _ value: UInt32, _ form: Form, into result: inout FlatBuffer<ScalarChange>,
        pending: inout Int
    ) {
        var entry: UInt32 = 0
        if value >= 0x80 {
            if form.isCompatible { entry = compatible[value] }
            if entry == 0 { entry = canonical[value] }
            if (0xAC00...0xD7A3).contains(value) {
                let index = value - 0xAC00
                push(0x1100 + index / 588, 0, &result, &pending)
                push(0x1161 + index % 588 / 28, 1, &result, &pending)
                if index % 28 > 0 { push(0x11A7 + index % 28, 1, &result, &pending) }
                return
            }
        }
        guard entry != 0 else { return push(value, 0, &result, &pending) }
        let first = Int(entry >> 5)
        for index in 0..<Int(entry & 31) {
            push(mapped[first + index], index == 0 ? 0 : 1, &result, &pending)
        }
    }

    @inline(__always)
    private func push(
        _ value: UInt32, _ change: Int32, _ result: inout FlatBuffer<ScalarChange>,
        _ pending: inout Int
    ) {
        if value < 0x300 || combiningClass(value) == 0 {
            sort(&result, from: pending)
            result.append(ScalarChange(value: value, change: change))
            pending = result.count
        } else {
            result.append(ScalarChange(value: value, change: change))
        }
    }

    /// Puts the marks from `start` on in the order of their classes; stable.
    private func sort(_ result: inout FlatBuffer<ScalarChange>, from start: Int) {
        guard result.count - start > 1 else { return }
        var marks = (start..<result.count).map { result[$0] }
        let classes = marks.map { combiningClass($0.value) }
        let order = marks.indices.sorted {
            classes[$0] != classes[$1] ? classes[$0] < classes[$1] : $0 < $1
        }
        marks = order.map { marks[$0] }
        for (index, mark) in marks.enumerated() { result[start + index] = mark }
    }

    private func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if (0x1100..<0x1113).contains(first), (0x1161..<0x1176).contains(second) {
            return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
        }
        if (0xAC00...0xD7A3).contains(first), (first - 0xAC00) % 28 == 0,
            (0x11A8..<0x11C3).contains(second)
        {
            return first + second - 0x11A7
        }
        return pairs[UInt64(first) << 32 | UInt64(second)]
    }

    /// Joins starters with what follows them, in place.
    private func compose(_ result: inout FlatBuffer<ScalarChange>, from start: Int) {
        var out = start
        var starter = -1
        var last: UInt32?
        for place in start..<result.count {
            let current = result[place]
            let combining = combiningClass(current.value)
            guard starter >= 0 else {
                if combining == 0 { starter = out }
                result[out] = current
                out += 1
                continue
            }
            let isBlocked = last.map { $0 >= combining } ?? false
            if !isBlocked, let joined = composed(result[starter].value, current.value) {
                result[starter] = ScalarChange(
                    value: joined, change: result[starter].change + current.change - 1)
                continue
            }
            if combining == 0 {
                starter = out
                last = nil
            } else {
                last = combining
            }
            result[out] = current
            out += 1
        }
        result.count = out
    }
}
