/// Elements in a row that grow: without checks, for the inner loops of a worker.
struct FlatBuffer<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    /// How many elements there are.
    var count = 0

    init(capacity: Int = 256) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// Makes room for `more` elements.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        var size = capacity * 2
        while size < count + more { size *= 2 }
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: size)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = size
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        reserve(1)
        base[count] = element
        count += 1
    }

    @inline(__always)
    mutating func append(_ elements: UnsafePointer<Element>, _ number: Int) {
        guard number > 0 else { return }
        reserve(number)
        (base + count).update(from: elements, count: number)
        count += number
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { base[index] }
        nonmutating set { base[index] = newValue }
    }
}

extension FlatBuffer where Element == UInt8 {
    /// Appends a scalar as UTF-8.
    @inline(__always)
    mutating func append(scalar value: UInt32) {
        reserve(4)
        let place = base + count
        if value < 0x80 {
            place[0] = UInt8(truncatingIfNeeded: value)
            count += 1
        } else if value < 0x800 {
            place[0] = UInt8(truncatingIfNeeded: 0xC0 | value >> 6)
            place[1] = UInt8(truncatingIfNeeded: 0x80 | value & 0x3F)
            count += 2
        } else if value < 0x10000 {
            place[0] = UInt8(truncatingIfNeeded: 0xE0 | value >> 12)
            place[1] = UInt8(truncatingIfNeeded: 0x80 | (value >> 6) & 0x3F)
            place[2] = UInt8(truncatingIfNeeded: 0x80 | value & 0x3F)
            count += 3
        } else {
            place[0] = UInt8(truncatingIfNeeded: 0xF0 | value >> 18)
            place[1] = UInt8(truncatingIfNeeded: 0x80 | (value >> 12) & 0x3F)
            place[2] = UInt8(truncatingIfNeeded: 0x80 | (value >> 6) & 0x3F)
            place[3] = UInt8(truncatingIfNeeded: 0x80 | value & 0x3F)
            count += 4
        }
    }
}
