/// A hash of `count` bytes, fast for short ones: two multiplications up to sixteen bytes.
@inline(__always)
func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let raw = UnsafeRawPointer(bytes)
    var first: UInt64
    var last: UInt64
    if count <= 16 {
        if count >= 8 {
            first = raw.loadUnaligned(as: UInt64.self)
            last = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if count >= 4 {
            first = UInt64(raw.loadUnaligned(as: UInt32.self))
            last = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if count > 0 {
            first =
                UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count - 1])
            last = 0
        } else {
            first = 0
            last = 0
        }
        return mixed(first ^ 0xA076_1D64_78BD_642F, last ^ UInt64(count) &* 0xE703_7ED1_A0B4_28DB)
    }
    var state: UInt64 = UInt64(count)
    var place = 0
    while place + 16 < count {
        first = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        last = raw.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        state = mixed(first ^ 0xA076_1D64_78BD_642F, last ^ state)
        place += 16
    }
    first = raw.loadUnaligned(fromByteOffset: count - 16, as: UInt64.self)
    last = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    return mixed(first ^ 0x8EBC_6AF0_9C88_C6E3, last ^ state)
}

/// The halves of a product, folded into one word.
@inline(__always)
func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a | 1).multipliedFullWidth(by: b ^ 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
}

/// Whether two runs of `count` bytes are equal.
@inline(__always)
func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let (left, right) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    var place = 0
    while place + 8 <= count {
        if left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        {
            return false
        }
        place += 8
    }
    while place < count {
        if a[place] != b[place] { return false }
        place += 1
    }
    return true
}
