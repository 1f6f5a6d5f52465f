import Foundation
import MartletTestSupport
import Testing

@testable import martlet

/// `martlet tokenizer`: from files to a tokenizer and through it.
@Suite struct TokenizerCommandTests {
    private static let text =
        (0..<60).map { "The low river is lower than the newest lake, \($0 % 7) metres.\n" }.joined()
        + "读写汉字，学习中文。读书写字！\n"

    /// Calls `body` with the path of a corpus and of a folder to write.
    private func withCorpus(_ body: (_ corpus: String, _ folder: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            try write(Self.text, to: "\(root)/corpus.txt")
            try body("\(root)/corpus.txt", "\(root)/out")
        }
    }

    private func train(_ corpus: String, _ folder: String, _ more: String...) throws {
        let outcome = try martlet(
            ["tokenizer", "train", "--data", corpus, "--out", folder] + more)
        #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("saved    \(folder)/tokenizer.json"))
    }

    private func ids(_ folder: String, _ texts: [String], _ more: String...) throws -> [[Int]] {
        let input = try texts.map {
            String(decoding: try JSONEncoder().encode($0), as: UTF8.self) + "\n"
        }.joined()
        let outcome = try martlet(
            ["tokenizer", "encode", "--tokenizer", "\(folder)/tokenizer.json", "--json"] + more,
            input: Data(input.utf8))
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return try outcome.lines.map { try JSONDecoder().decode([Int].self, from: Data($0.utf8)) }
    }

    @Test func aVocabularyBecomesATokenizerFile() throws {
        try withTemporaryFolder { root in
            try write("[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nworld\n##s\n", to: "\(root)/vocab.txt")
            let arguments = [
                "tokenizer", "convert", "\(root)/vocab.txt", "--out", "\(root)/new/folder",
            ]
            let outcome = try martlet(arguments)
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            #expect(outcome.output == "\(root)/new/folder/tokenizer.json: 7 numbers\n")
            #expect(try ids("\(root)/new/folder", ["Hello worlds x"]) == [[2, 4, 5, 6, 1, 3]])
            let again = try martlet(arguments)
            #expect(again.code == 65 && again.errors.contains("--overwrite replaces it"))
            let missing = try martlet(["tokenizer", "convert", "\(root)/new", "--out", "\(root)/b"])
            #expect(missing.code != 0 && missing.errors.contains("there is no tokenizer in it"))
        }
    }

    @Test func bytePairsComeBackAsTheyWere() throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", "bpe", "--size", "320")
            let texts = ["The newest river\n", "", "  two  spaces\t", "字 é 👩‍👩‍👧", "<|endoftext|>"]
            let batch = try ids(folder, texts)
            #expect(batch.count == texts.count && batch[1] == [] && batch[4] == [0])
            let lines = batch.map { "\($0)\n" }.joined()
            let decoded = try martlet(
                ["tokenizer", "decode", "--tokenizer", folder, "--json", "--special-tokens"],
                input: Data(lines.utf8))
            #expect(
                try decoded.lines.map { try JSONDecoder().decode(String.self, from: Data($0.utf8)) }
                    == texts)
            let plain = try martlet(
                ["tokenizer", "encode", "--tokenizer", folder], input: Data("The river\nlake".utf8))
            #expect(plain.lines.count == 2)
            let back = try martlet(
                ["tokenizer", "decode", "--tokenizer", folder], input: Data(plain.output.utf8))
            #expect(back.output == "The river\nlake\n")
        }
    }

    /// On any number of threads, with progress as JSON or without.
    @Test(arguments: ["bpe", "unigram", "wordpiece", "words"])
    func theSameFilesGiveTheSameTokenizer(_ type: String) throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", type, "--size", "400")
            let first = try bytes(of: "\(folder)/tokenizer.json")
            let second = try martlet(
                [
                    "tokenizer", "train", "--type", type, "--size", "400", "--data", corpus,
                    "--out",
                    folder, "--overwrite", "--json",
                ], environment: ["MARTLET_THREADS": "3"])
            #expect(second.code == 0 && second.errors.isEmpty, "\(second.errors)")
            #expect(try bytes(of: "\(folder)/tokenizer.json") == first)
            let events = try second.objects()
            #expect(events.last?["event"] as? String == "saved")
            #expect((events.last?["pieces"] as? Int ?? 0) > 20)
            if type != "words" { #expect(events.contains { $0["event"] as? String == "counted" }) }
        }
    }

    @Test func wordPiecesStandBetweenSpecialTokens() throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", "wordpiece", "--size", "120")
            let with = try ids(folder, ["The river"])[0]
            #expect(with.first == 2 && with.last == 3)
            #expect(
                try ids(folder, ["The river"], "--no-special-tokens")[0]
                    == Array(with[1..<with.count - 1]))
        }
    }

    @Test func charactersFallBackToBytes() throws {
        try withCorpus { corpus, folder in
            try train(
                corpus, folder, "--type", "bpe", "--characters", "--alphabet", "12", "--size", "320"
            )
            let batch = try ids(folder, ["The 汉字"])
            let decoded = try martlet(
                ["tokenizer", "decode", "--tokenizer", folder], input: Data("\(batch[0])".utf8))
            #expect(decoded.output == "The 汉字\n")
        }
    }

    @Test func segmentedWordsAreJudged() throws {
        try withTemporaryFolder { root in
            let lines = (0..<200).map { "我们 学习 中文 ， 他们 写 字 \($0) 。\n" }.joined()
            try write(lines, to: "\(root)/words.txt")
            try write("中文，\n", to: "\(root)/user.txt")
            let outcome = try martlet(
                "tokenizer", "train", "--type", "words", "--segmented", "--data",
                "\(root)/words.txt",
                "--out", "\(root)/out", "--user-words", "\(root)/user.txt")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("held out ") && outcome.errors.contains("F1 1.0000"))
            let dictionary = String(decoding: try bytes(of: "\(root)/out/words.txt"), as: UTF8.self)
            #expect(dictionary.contains("学习 "))
            let shown = try martlet(
                "tokenizer", "inspect", "--tokenizer", "\(root)/out", "我们学习中文，写字")
            #expect(shown.output.contains("pieces      我们│学习│中文，│写│字"), "\(shown.output)")
        }
    }

    /// They are learned in lower case, and found in any.
    @Test func wordsOfRunningTextAreFoundInAnyCase() throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", "words")
            let shown = try martlet(
                "tokenizer", "inspect", "--tokenizer", folder, "--json", "THE River")
            let object = try #require(try shown.objects().first)
            #expect(object["tokens"] as? [String] == ["the", "river"])
        }
    }

    @Test func inspectShowsEveryStage() throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", "wordpiece", "--size", "120")
            let shown = try martlet("tokenizer", "inspect", "--tokenizer", folder, "The  RIVER,")
            #expect(shown.code == 0 && shown.errors.isEmpty)
            for line in [
                "text        The␣␣RIVER,", "normalised  the␣␣river,", "words       the│river│,",
                "pieces      [CLS]│the│river│,│[SEP]",
            ] { #expect(shown.lines.contains(line), "\(shown.output)") }
            #expect(shown.output.contains("bytes 5..<10"))
            let json = try martlet(
                "tokenizer", "inspect", "--tokenizer", folder, "--json", "The RIVER")
            let object = try #require(try json.objects().first)
            #expect(object["words"] as? [String] == ["the", "river"])
            #expect(object["tokens"] as? [String] == ["[CLS]", "the", "river", "[SEP]"])
            #expect(object["offsets"] as? [[Int]] == [[0, 0], [0, 3], [4, 9], [0, 0]])
        }
    }

    @Test func compareCountsOnTheSameText() throws {
        try withCorpus { corpus, folder in
            try train(corpus, "\(folder)/a", "--type", "bpe", "--size", "300")
            try train(corpus, "\(folder)/b", "--type", "wordpiece", "--size", "120")
            let table = try martlet(
                "tokenizer", "compare", "--tokenizers", "\(folder)/a", "\(folder)/b", "--data",
                corpus)
            #expect(table.code == 0 && table.lines.count == 3, "\(table.errors)")
            #expect(table.lines[0].contains("tokens/char"))
            let objects = try martlet(
                "tokenizer", "compare", "--tokenizers", "\(folder)/a", "\(folder)/b", "--json",
                "--data",
                corpus
            ).objects()
            #expect(objects.map { $0["texts"] as? Int } == [61, 61])
            #expect(objects[0]["same"] as? Int == 61 && objects[0]["unknown"] as? Int == 0)
            #expect(objects[0]["bytes"] as? Int == Self.text.utf8.count - 61)
            let unknown = try martlet(
                ["tokenizer", "compare", "--tokenizers", "\(folder)/b", "--json", "@ river"])
            #expect(try unknown.objects()[0]["unknown"] as? Int == 1)
        }
    }

    @Test func badInputIsTold() throws {
        try withCorpus { corpus, folder in
            func training(_ more: String...) throws -> Program.Outcome {
                try martlet(["tokenizer", "train", "--out", folder] + more)
            }
            let root = URL(filePath: corpus).deletingLastPathComponent().path
            try training("--type", "bpe", "--data", "\(root)/none.txt").expectFailure(
                65, "none.txt: cannot be read: No such file or directory")
            try training("--type", "bpe", "--data", corpus, "--size", "200").expectFailure(
                65, "size 200 is too small: special tokens and the 256 bytes take 257")
            try training("--type", "unigram", "--data", corpus, "--size", "9").expectFailure(
                65, "size 9 is too small: special tokens and the alphabet take ")
            for type in ["bpe", "unigram", "words"] {
                try training(
                    "--type", type, "--data", corpus, "--size", "9223372036854775807"
                ).expectFailure(65, "is too large: a tokenizer has at most 16777215 pieces")
            }
            try write("", to: "\(root)/empty.txt")
            try training("--type", "wordpiece", "--data", "\(root)/empty.txt").expectFailure(
                65, "empty.txt: no words to learn from")
            try training("--type", "words", "--data", "\(root)/empty.txt").expectFailure(
                65, "empty.txt: no words to learn from")
            try Data([0x61, 0x0A, 0x62, 0xFE, 0x0A]).write(to: URL(filePath: "\(root)/bad.txt"))
            for type in ["bpe", "unigram", "wordpiece", "words"] {
                try training("--type", type, "--data", corpus, "\(root)/bad.txt").expectFailure(
                    65, "bad.txt:2: byte 2 of the line (0xFE) is not UTF-8 text")
            }
            try write("词 many\n", to: "\(root)/user.txt")
            try training("--type", "words", "--data", corpus, "--user-words", "\(root)/user.txt")
                .expectFailure(65, "user.txt:1: \"many\" is not a count")
            #expect(!FileManager.default.fileExists(atPath: folder))
            try train(corpus, folder, "--type", "bpe", "--size", "300")
            try training("--type", "bpe", "--data", corpus).expectFailure(
                65, "\(folder)/tokenizer.json: is there already; --overwrite replaces it")
        }
    }

    @Test func badLinesOfStandardInputAreTold() throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", "bpe", "--size", "300")
            func run(_ command: String, _ input: String, _ more: String...) throws
                -> Program.Outcome
            {
                try martlet(
                    ["tokenizer", command, "--tokenizer", folder] + more, input: Data(input.utf8))
            }
            try run("encode", "\"a\"\nno\n", "--json").expectFailure(
                65, "standard input:2: byte 1: ", "expected a JSON string")
            try run("encode", "\"\\ud800\"\n", "--json").expectFailure(
                65, "standard input:1: ", "half a surrogate pair")
            try run("decode", "[1, 300]\n").expectFailure(
                65, "standard input:1: 300 is not a token: expected numbers from 0 to 299")
            try run("decode", "1 x\n").expectFailure(65, "\"x\" is not a number")
            try run("decode", "[1, \"a\"]\n").expectFailure(65, "expected a JSON array of numbers")
            let invalid = try martlet(
                ["tokenizer", "encode", "--tokenizer", folder], input: Data([0x61, 0x0A, 0xFF]))
            #expect(
                invalid.code == 65 && invalid.errors.contains("standard input:2: not UTF-8 text"))
            try martlet(["tokenizer", "encode", "--tokenizer", "\(folder)/none.json"])
                .expectFailure(
                    65, "none.json: cannot be read")
        }
    }

    @Test(
        arguments: [
            ["train", "--data", "x", "--out", "y"],
            ["train", "--type", "gpt", "--data", "x", "--out", "y"],
            ["train", "--type", "bpe", "--data", "x", "--out", "y", "--size", "0"],
            ["train", "--type", "unigram", "--data", "x", "--out", "y", "--characters"],
            ["train", "--type", "bpe", "--data", "x", "--out", "y", "--segmented"],
            ["train", "--type", "bpe", "--data", "x", "--out", "y", "--alphabet", "5"],
            [
                "train", "--type", "unigram", "--data", "x", "--out", "y", "--minimum-frequency",
                "2",
            ],
            ["train", "--type", "words", "--data", "x", "--out", "y", "--normalization", "nfc"],
            ["encode"], ["compare", "--tokenizers", "x"], ["inspect", "--tokenizer", "x"],
        ])
    func wrongUsageIs64(_ arguments: [String]) throws {
        #expect(try martlet(["tokenizer"] + arguments).code == 64)
    }

    /// Encoding answers as soon as a line is there.
    @Test func encodingIsLive() throws {
        try withCorpus { corpus, folder in
            try train(corpus, folder, "--type", "bpe", "--size", "300")
            let program = try startMartlet(["tokenizer", "encode", "--tokenizer", folder])
            program.send(Data("The river\n".utf8))
            let first = program.nextLine()
            #expect(first?.isEmpty == false)
            program.send(Data("The river".utf8))
            let outcome = program.finish()
            #expect(outcome.code == 0 && outcome.lines == [first, first])
            let none = try martlet(["tokenizer", "encode", "--tokenizer", folder], input: Data())
            #expect(none.code == 0 && none.output.isEmpty)
            let crossed = try martlet(
                ["tokenizer", "encode", "--tokenizer", folder],
                input: Data("The river\r\n\nThe river".utf8))
            let ids = first ?? ""
            #expect(crossed.output == "\(ids)\n\n\(ids)\n")
        }
    }
}
