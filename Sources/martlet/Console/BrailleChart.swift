/// A small picture of dots: each character has two columns and four rows of them.
struct BrailleChart {
    private let columns: Int
    private let rows: Int
    private var cells: [UInt32]

    /// A blank picture of so many characters.
    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: 0, count: columns * rows)
    }

    /// The dots across and down.
    var dots: (across: Int, down: Int) { (columns * 2, rows * 4) }

    /// Sets a dot, counted from the left and from the top.
    mutating func set(_ x: Int, _ y: Int) {
        guard 0..<dots.across ~= x, 0..<dots.down ~= y else { return }
        let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        cells[y / 4 * columns + x / 2] |= bits[y % 4][x % 2]
    }

    /// The lines of the picture.
    var lines: [String] {
        (0..<rows).map { row in
            String(
                String.UnicodeScalarView(
                    cells[row * columns..<(row + 1) * columns].map { Unicode.Scalar(0x2800 + $0)! })
            )
        }
    }
}
