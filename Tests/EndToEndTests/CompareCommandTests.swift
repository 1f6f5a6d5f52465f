import Foundation
import MartletTestSupport
import Testing

/// `martlet compare` as a user runs it.
@Suite struct CompareCommandTests {
    /// Options of a comparison that takes a moment.
    private let tiny = [
        "compare", "--cells", "rnn,gru", "--tasks", "parity,copying", "--lengths", "2,4", "--seeds",
        "2", "--hidden", "8", "--steps", "10", "--batch", "4",
    ]

    /// The parts of an output that empty lines stand between, line by line.
    private static func tables(_ output: String) -> [[String]] {
        output.components(separatedBy: "\n\n").map {
            $0.split(separator: "\n").map(String.init)
        }.filter { !$0.isEmpty }
    }

    @Test func theTableIsOnStandardOutputAndProgressOnStandardError() throws {
        let outcome = try martlet(tiny)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let lines = Self.tables(outcome.output)[0]
        // Two tasks at two lengths by two cells, below the titles.
        #expect(lines.count == 9)
        let titles = lines[0].split(separator: " ")
        #expect(titles.prefix(4) == ["task", "length", "cell", "score"])
        #expect(lines[1].split(separator: " ").prefix(3) == ["parity", "2", "rnn"])
        #expect(lines[8].split(separator: " ").prefix(3) == ["copying", "4", "gru"])
        #expect(lines.dropFirst().allSatisfy { $0.contains(" ± ") && $0.contains(" of 2") })
        // Two families: what speaks for each of them follows.
        #expect(outcome.output.contains("\n\nRNN\n  fits        short sequences"))
        #expect(outcome.output.contains("\n\nLSTM / GRU\n  fits        series"))
        #expect(outcome.output.contains("\n  weaknesses  more parameters"))
        #expect(outcome.errors.contains("16/16  copying 4, seed 1  gru  "))
        #expect(outcome.errors.split(separator: "\n").count == 16)
    }

    @Test func theFolderGetsARecordAndAPageAndJSONIsTheRecord() throws {
        try withTemporaryFolder { root in
            let out = "\(root)/out"
            let outcome = try martlet(tiny + ["--out", out, "--json"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try names(in: out) == ["comparison.json", "report.html"])
            let printed = try outcome.objects()
            #expect(printed.count == 17 && outcome.errors.isEmpty)
            #expect(printed.dropLast().allSatisfy { $0["event"] as? String == "trial" })
            #expect(printed.prefix(16).map { $0["number"] as? Int } == Array(1...16))
            #expect(printed[16]["event"] as? String == "finished")
            let record = try #require(printed[16]["record"] as? [String: Any])
            let saved = try jsonObject(
                String(decoding: try bytes(of: "\(out)/comparison.json"), as: UTF8.self))
            #expect(NSDictionary(dictionary: record) == NSDictionary(dictionary: saved))
            #expect(saved["is_complete"] as? Bool == true)
            #expect((saved["trials"] as? [Any])?.count == 16)
            let row = try #require((saved["rows"] as? [[String: Any]])?.first)
            #expect(row["cell"] as? String == "rnn" && row["task"] as? String == "parity")
            #expect(row["length"] as? Int == 2 && row["seeds"] as? Int == 2)
            #expect(row["parameters"] as? Int == 8 * (1 + 8 + 2) + 9)
            for name in ["score", "deviation", "steps_per_second", "peak_bytes"] {
                #expect(row[name] is NSNumber, "\(name)")
            }
            let page = String(decoding: try bytes(of: "\(out)/report.html"), as: UTF8.self)
            #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("rnn, gru compared"))
        }
    }

    @Test func speedIsMeasuredByLength() throws {
        let outcome = try martlet(
            "compare", "--tasks", "speed", "--cells", "gru,transformer", "--lengths", "8,32",
            "--hidden", "8")
        #expect(outcome.code == 0, "\(outcome.errors)")
        let table = Self.tables(outcome.output)[0]
        #expect(table.count == 5)
        #expect(table.first?.hasPrefix("length  cell") == true)
        #expect(table.last?.contains("32  transformer") == true)
        #expect(outcome.output.contains("state after 32: "))
        let json = try martlet(
            "compare", "--tasks", "speed", "--cells", "gru", "--lengths", "8", "--json")
        let printed = try json.objects()
        #expect(printed.map { $0["event"] as? String } == ["cost", "finished"])
        let cost = try #require(printed[0]["cost"] as? [String: Any])
        #expect(cost["cell"] as? String == "gru" && cost["state_bytes"] as? Int == 4 * 32)
    }

    @Test func reviewsGiveASentimentRowAndRunsThatCanBeUsed() throws {
        try withWorkshop { workshop in
            let outcome = try martlet(
                "compare", "--tasks", "sentiment,language-model", "--cells", "gru", "--seeds", "1",
                "--epochs", "1", "--hidden", "8", "--data", workshop.data, "--out", workshop.run)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.lines[1].hasPrefix("sentiment"))
            #expect(outcome.lines[2] == "left out  language-model: no --text was given")
            let run = "\(workshop.run)/runs/sentiment-gru-0"
            #expect(try martlet("predict", "--model", run, "great").code == 0)
        }
    }

    @Test func ctrlCEndsWithWhatIsMeasured() throws {
        try withTemporaryFolder { root in
            // One bit is learned at once; with a thousand it goes on for hours.
            let program = try startMartlet([
                "compare", "--cells", "rnn,gru", "--tasks", "parity", "--lengths", "1,1000",
                "--seeds", "1", "--hidden", "8", "--steps", "1000000", "--learning-rate", "0.01",
                "--out", root, "--json",
            ])
            for _ in 0..<2 { _ = try #require(program.nextLine()) }
            program.signal(SIGINT)
            let outcome = program.finish()
            #expect(outcome.code == 130 && outcome.signal == nil)
            #expect(outcome.errors.contains("interrupted; this is what was measured so far"))
            let saved = try jsonObject(
                String(decoding: try bytes(of: "\(root)/comparison.json"), as: UTF8.self))
            #expect(saved["is_complete"] as? Bool == false)
            #expect((saved["trials"] as? [Any])?.count == 2)
            #expect(try names(in: root) == ["comparison.json", "report.html"])
        }
    }

    @Test(arguments: [
        (["--cells", "rnn,elephant"], "elephant"), (["--cells", ""], "--cells"),
        (["--tasks", "juggling"], "juggling"), (["--lengths", "0"], "--lengths has 0"),
        (["--lengths", "5,1000000000"], "--lengths has 1000000000"),
        (["--lengths", "many"], "many"), (["--seeds", "0"], "--seeds is 0"),
        (["--hidden", "0"], "--hidden is 0"), (["--steps", "0"], "--steps is 0"),
    ])
    func wrongUsageIs64AndNamesTheFlag(_ arguments: [String], _ named: String) throws {
        let outcome = try martlet(["compare"] + arguments)
        #expect(outcome.code == 64 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(named), "\(outcome.errors)")
    }

    @Test func dataThatIsNotThereIs65() throws {
        try martlet("compare", "--data", "none.csv", "--seeds", "1").expectFailure(65, "none.csv")
    }

    @Test func helpSaysHowLongItTakesAndNamesTheCells() throws {
        let help = try martlet("compare", "--help")
        let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("about five minutes on two quiet cores"))
        #expect(text.contains("rnn, rnn-relu, rnn-orthogonal, lstm, lstm-forget1, gru"))
    }
}
