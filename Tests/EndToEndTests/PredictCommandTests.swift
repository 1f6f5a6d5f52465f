import Foundation
import MartletTestSupport
import Testing

/// `martlet predict`.
@Suite struct PredictCommandTests {
    /// A line of the answer: label, probability, text.
    private func fields(_ line: String) -> [String] {
        line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func argumentsFilesAndStandardInputGiveTheSameAnswers() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let texts = ["great lovely room", "awful  and rude", "", "the room was café 好"]
            let lines = texts.joined(separator: "\n") + "\n"
            let file = "\(workshop.root)/texts.txt"
            try write(lines, to: file)
            let predict = ["predict", "--model", workshop.run]
            let given = try martlet(predict + texts)
            #expect(given.code == 0 && given.errors.isEmpty, "\(given.errors)")
            let rows = given.lines.map(fields)
            #expect(rows.map { $0[2] } == texts)
            #expect(rows[0][0] == "good" && rows[1][0] == "bad")
            for row in rows { #expect((0.5...1).contains(Double(row[1])!)) }
            for (input, arguments) in [
                ("", ["--input", file]), (lines, []), (String(lines.dropLast()), []),
                (lines.replacing("\n", with: "\r\n"), []),
            ] {
                let outcome = try martlet(predict + arguments, input: Data(input.utf8))
                #expect(outcome.code == 0 && outcome.output == given.output)
            }
            // JSON has the same answers.
            let objects = try martlet(predict + ["--json"] + texts).objects()
            #expect(objects.map { $0["label"] as? String } == rows.map { $0[0] })
            #expect(objects.map { $0["text"] as? String } == texts)
            for object in objects {
                let all = try #require(object["probabilities"] as? [String: Double])
                #expect(abs(all.values.reduce(0, +) - 1) < 1e-5)
                #expect(all[object["label"] as! String] == object["probability"] as? Double)
            }
            #expect(try martlet(predict).output.isEmpty)
        }
    }

    @Test(arguments: [[], ["--json"], ["--trace"], ["--trace", "--json"]])
    func eachLineIsAnsweredBeforeTheNextIsGiven(_ flags: [String]) throws {
        try withWorkshop { workshop in
            try workshop.train("--epochs", "1")
            let program = try startMartlet(["predict", "--model", workshop.run] + flags)
            for text in ["great", "awful"] {
                program.send(Data("\(text)\n".utf8))
                // A trace as text is several lines; its last is the answer.
                let count = flags == ["--trace"] ? 3 : 1
                for _ in 0..<count { #expect(program.nextLine(within: 20) != nil) }
            }
            #expect(program.finish().code == 0)
        }
    }

    @Test func aTraceShowsEveryTokenAndEndsAtTheAnswer() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let predict = ["predict", "--model", workshop.run]
            let text = try martlet(predict + ["--trace", "the great room"])
            #expect(text.code == 0 && !text.output.contains("\u{1B}"))
            let lines = text.lines
            #expect(lines.count == 5)
            for (line, token) in zip(lines.dropFirst(), ["the", "great", "room"]) {
                #expect(line.hasPrefix("h") && line.contains(" \(token) "))
            }
            let answer = fields(
                try #require(martlet(predict + ["the great room"]).lines.first))
            #expect(lines[4] == "\(answer[0])  \(answer[1])")

            let json = try martlet(predict + ["--trace", "--json", "the great room", ""])
            let objects = try json.objects()
            let tokens = try #require(objects[0]["tokens"] as? [[String: Any]])
            #expect(tokens.map { $0["token"] as? String } == ["the", "great", "room"])
            let last = try #require(tokens[2]["probabilities"] as? [Double])
            #expect(last.max() == objects[0]["probability"] as? Double)
            #expect((objects[1]["tokens"] as? [Any])?.isEmpty == true)

            let long = try martlet(
                predict + ["--trace"],
                input: Data(String(repeating: "room ", count: 1001).utf8))
            #expect(long.code == 0 && long.lines.count == 1)
            #expect(long.errors.contains("texts of up to 1000 tokens"))
        }
    }

    @Test func inputThatIsNotTextIs65AndSaysWhichLine() throws {
        try withWorkshop { workshop in
            try workshop.train("--epochs", "1")
            let predict = ["predict", "--model", workshop.run]
            let bad = Data("great\ncaf".utf8) + [0xE9, 0x0A] + Data("awful\n".utf8)
            let piped = try martlet(predict, input: bad)
            #expect(piped.code == 65)
            // The line before it is answered.
            #expect(piped.lines.count == 1)
            #expect(piped.errors.hasPrefix("martlet: standard input:2: not UTF-8 text"))
            let file = "\(workshop.root)/bad.txt"
            try bad.dropFirst(6).write(to: URL(fileURLWithPath: file))
            try martlet(predict + ["--input", file]).expectFailure(
                65, "\(file):1: not UTF-8 text", "iconv")
            try martlet(predict + ["--input", "\(file).none"]).expectFailure(
                65, "\(file).none: cannot be read: No such file or directory")
            try martlet(predict + ["--input", workshop.root]).expectFailure(
                65, "\(workshop.root): cannot be read: Is a directory")
        }
    }

    @Test(arguments: ["", "trap '' PIPE; "])
    func aReaderThatGoesAwayEndsItInSilence(_ before: String) throws {
        try withWorkshop { workshop in
            try workshop.train("--epochs", "1")
            let program = try Program(
                "/bin/sh",
                ["-c", "\(before)exec '\(martletPath)' predict --model '\(workshop.run)'"])
            program.send(Data("great\n".utf8))
            #expect(program.nextLine() != nil)
            program.closeOutput()
            program.send(Data(String(repeating: "awful\n", count: 100_000).utf8))
            let outcome = program.finish()
            #expect(outcome.signal == SIGPIPE)
            #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        }
    }

    #if os(Linux)
        @Test func aFullDiskBehindStandardOutputIs69() throws {
            try withWorkshop { workshop in
                try workshop.train("--epochs", "1")
                for flags in ["great", "--json great", "--trace great"] {
                    try shell(
                        "exec \"$martlet\" predict --model '\(workshop.run)' \(flags) > /dev/full"
                    )
                    .expectFailure(69, "standard output: cannot be written: No space left")
                }
            }
        }
    #endif
}
