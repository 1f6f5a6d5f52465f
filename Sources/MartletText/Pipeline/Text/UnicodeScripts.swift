/// Scripts of Unicode scalars.
enum UnicodeScripts {
    /// What is of no script, or of any, to the pre-tokenizer.
    static let any = 0
    private static let han = number(of: "han")
    private static let joined: Set<Int> = [number(of: "hiragana"), number(of: "katakana")]

    private static func number(of name: String) -> Int {
        ScriptTable.names.firstIndex(of: name)! + 1
    }

    private struct Run {
        var start: UInt32
        var end: UInt32
        var script: Int
    }

    private static let today = runs(ScriptTable.today)
    private static let splitting = runs(ScriptTable.splitting)

    private static func runs(_ text: StaticString) -> [Run] {
        let numbers = PackedNumbers.unpack(text)
        var start: UInt32 = 0
        return stride(from: 0, to: numbers.count, by: 3).map { place in
            start += numbers[place]
            return Run(
                start: start, end: start + numbers[place + 1], script: Int(numbers[place + 2]))
        }
    }

    /// The script by which the pre-tokenizer `UnicodeScripts` splits: kana is Han, and a space is of any.
    static func group(_ value: UInt32) -> Int {
        if value == 0x30FC { return han }
        if value == 0x20 { return any }
        let runs = splitting
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= value { low = middle + 1 } else { high = middle }
        }
        guard low < runs.count, runs[low].start <= value else { return any }
        return joined.contains(runs[low].script) ? han : runs[low].script
    }

    /// What `\p{name}` stands for, by its name in lower case without marks; nil where it is no script.
    static func item(named name: String) -> ScalarSet.Item? {
        guard let number = ScriptTable.names.firstIndex(of: name) else { return nil }
        let ranges = today.filter { $0.script == number + 1 }
            .map { ScalarSet.Item.range($0.start, $0.end - 1) }
        return .set(ScalarSet(ranges))
    }
}
