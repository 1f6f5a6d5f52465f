/// The most probable way to cut a stretch of text, with memory that serves for the next.
struct SegmentPath {
    private var best: [Double] = []
    private var back: [Int32] = []
    private var numbers: [Int32] = []

    /// Appends the words of `scalars[range]` to `words`.
    ///
    /// Among equally probable ways, the one whose last word is shortest wins.
    mutating func cut(
        _ scalars: [UInt32], _ range: Range<Int>, _ known: ScalarTrie, _ unknown: UnknownWordModel,
        into words: inout [Range<Int>]
    ) {
        let count = range.count
        best.removeAll(keepingCapacity: true)
        best.append(contentsOf: repeatElement(-.infinity, count: count + 1))
        best[0] = 0
        back.removeAll(keepingCapacity: true)
        back.append(contentsOf: repeatElement(0, count: count + 1))
        numbers.removeAll(keepingCapacity: true)
        for scalar in scalars[range] { numbers.append(unknown.number(scalar)) }
        for place in 0..<count {
            addKnown(scalars, range, place, known)
            addShapes(scalars, range, place, unknown)
            addUnknown(scalars, range, place, unknown)
        }
        let first = words.count
        var end = count
        while end > 0 {
            let start = end - Int(back[end])
            words.append(range.lowerBound + start..<range.lowerBound + end)
            end = start
        }
        words[first...].reverse()
    }

    private mutating func offer(_ start: Int, _ end: Int, _ score: Double) {
        let candidate = best[start] + score
        guard candidate >= best[end] else { return }
        best[end] = candidate
        back[end] = Int32(end - start)
    }

    private mutating func addKnown(
        _ scalars: [UInt32], _ range: Range<Int>, _ start: Int, _ known: ScalarTrie
    ) {
        var node = ScalarTrie.root
        for end in start..<range.count {
            guard let next = known.next(node, scalars[range.lowerBound + end]) else { return }
            node = next
            let score = known.value(node)
            if !score.isNaN { offer(start, end + 1, score) }
        }
    }

    /// Words with digits or letters: whole runs of them, from their starts to their ends.
    private mutating func addShapes(
        _ scalars: [UInt32], _ range: Range<Int>, _ start: Int, _ unknown: UnknownWordModel
    ) {
        func sign(_ place: Int) -> UInt32 {
            UnknownWordModel.sign(scalars[range.lowerBound + place])
        }
        if start > 0, UnknownWordModel.isRun(sign(start)), sign(start - 1) == sign(start) { return }
        var node = ScalarTrie.root
        var place = start
        var cost = 0.0
        while place < range.count {
            let current = sign(place)
            guard let next = unknown.shapes.next(node, current) else { return }
            node = next
            var end = place + 1
            if UnknownWordModel.isRun(current) {
                while end < range.count, sign(end) == current { end += 1 }
                let isDigit = current == UnknownWordModel.digit
                cost +=
                    Double(end - place)
                    * (isDigit ? UnknownWordModel.digitCost : UnknownWordModel.letterCost)
            }
            place = end
            let score = unknown.shapes.value(node)
            if !score.isNaN { offer(start, place, score - cost) }
        }
    }

    private mutating func addUnknown(
        _ scalars: [UInt32], _ range: Range<Int>, _ start: Int, _ unknown: UnknownWordModel
    ) {
        offer(
            start, start + 1, unknown.score(length: 1) + unknown.score(numbers[start], .alone))
        guard !UnknownWordModel.isRun(UnknownWordModel.sign(scalars[range.lowerBound + start]))
        else { return }
        var sum = unknown.score(numbers[start], .first)
        for end in start + 1..<max(start + 1, min(start + unknown.longest, range.count)) {
            let sign = UnknownWordModel.sign(scalars[range.lowerBound + end])
            if UnknownWordModel.isRun(sign) { return }
            let length = end - start + 1
            offer(
                start, end + 1,
                sum + unknown.score(numbers[end], .last) + unknown.score(length: length))
            sum += unknown.score(numbers[end], .middle)
        }
    }
}
