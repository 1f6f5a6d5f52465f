/// The characters that stand for the 256 bytes in byte-level vocabularies (Radford et al. 2019, GPT-2).
///
/// A byte that prints in Latin-1 stands for itself; the others, in order, are U+0100 and what follows.
enum BytePieces {
    /// The scalar of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(UInt8(byte))
            default:
                defer { next += 1 }
                return Unicode.Scalar(next)!
            }
        }
    }()

    /// The pieces `<0x00>` to `<0xFF>` that stand for bytes in vocabularies with byte fallback.
    static let fallbackPieces: [String] = (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
    }
}
