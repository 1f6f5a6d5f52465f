/// Pieces by number and numbers by piece.
struct PieceNumbers {
    private var table = ByteStringTable()

    /// How many pieces there are.
    var count: Int { table.count }

    /// All pieces by their numbers.
    var texts: [String] { (0..<count).map(table.text) }

    /// The bytes of piece `index`.
    subscript(index: Int) -> ArraySlice<UInt8> { table[index] }

    /// The number of a piece, which is added where it is new.
    @discardableResult
    mutating func add(_ piece: [UInt8]) -> Int {
        piece.withUnsafeBufferPointer { table.insert($0).index }
    }

    /// The number of a piece, which is added where it is new.
    @discardableResult
    mutating func add(_ piece: String) -> Int { add(Array(piece.utf8)) }

    /// The number of a piece, if there is one.
    func find(_ piece: [UInt8]) -> Int? { piece.withUnsafeBufferPointer(table.find) }
}
