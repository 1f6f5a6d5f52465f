import Foundation
import MartletTestSupport
import Testing

/// `martlet train language-model`, `martlet generate`, and `martlet evaluate` on a language model.
@Suite struct LanguageModelCommandTests {
    private func training(_ data: String, _ out: String) -> [String] {
        [
            "train", "language-model", "--data", data, "--out", out, "--hidden", "16",
            "--embedding", "8", "--layers", "1", "--epochs", "2", "--batch", "4", "--window", "16",
            "--minimum-count", "1",
        ]
    }

    private func withModel(_ body: (_ root: String, _ model: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            let line = "the cat sat on the mat, the dog sat on the log.\n"
            try write(String(repeating: line, count: 60), to: "\(root)/text.txt")
            let outcome = try martlet(training("\(root)/text.txt", "\(root)/run"))
            #expect(outcome.code == 0, "\(outcome.errors)")
            for part in ["tokens to learn from", "epoch  loss", "test     perplexity", "n-grams"] {
                #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
            }
            try body(root, "\(root)/run")
        }
    }

    @Test func theSameSeedWritesTheSameAndASavedStateGoesOn() throws {
        try withModel { root, model in
            func generate(_ arguments: String...) throws -> Program.Outcome {
                try martlet(["generate", "--model", model] + arguments)
            }
            let first = try generate("--prompt", "the ", "--length", "50", "--seed", "7")
            #expect(first.code == 0 && first.errors.isEmpty, "\(first.errors)")
            #expect(first.output.hasPrefix("the ") && first.output.count == 4 + 50 + 1)
            #expect(
                try generate("--prompt", "the ", "--length", "50", "--seed", "7").output
                    == first.output)
            #expect(
                try generate("--prompt", "the ", "--length", "50", "--seed", "8").output
                    != first.output)

            let greedy = try generate(
                "--prompt", "the ", "--length", "40", "--temperature", "0"
            ).output
            let begin = try generate(
                "--prompt", "the ", "--length", "15", "--temperature", "0", "--save-state",
                "\(root)/state.json"
            ).output.dropLast()
            let rest = try generate(
                "--length", "25", "--temperature", "0", "--state", "\(root)/state.json"
            ).output
            #expect(begin + rest == greedy)

            // The random numbers go on, too, but for a seed of its own.
            let half = try generate(
                "--prompt", "the ", "--length", "20", "--seed", "7", "--save-state",
                "\(root)/state.json"
            ).output.dropLast()
            func more(_ arguments: String...) throws -> String {
                try martlet(
                    [
                        "generate", "--model", model, "--length", "30", "--state",
                        "\(root)/state.json",
                    ] + arguments
                ).output
            }
            #expect(half + (try more()) == first.output)
            #expect(half + (try more("--seed", "8")) != first.output)
        }
    }

    @Test func jsonIsOneObject() throws {
        try withModel { _, model in
            let outcome = try martlet([
                "generate", "--model", model, "--prompt", "a", "--length", "9", "--json",
            ])
            let object = try jsonObject(outcome.output)
            #expect(object["prompt"] as? String == "a")
            #expect((object["text"] as? String)?.count == 9)
            #expect(object["tokens"] as? Int == 9)
        }
    }

    @Test func evaluateTellsThePerplexityOfAnyText() throws {
        try withModel { root, model in
            try write("the cat sat on the log.\n", to: "\(root)/other.txt")
            let outcome = try martlet([
                "evaluate", "--model", model, "--data", "\(root)/other.txt", "--json",
            ])
            let object = try jsonObject(outcome.output)
            #expect(object["part"] as? String == "all")
            let figures = try #require(object["model"] as? [String: Any])
            #expect(figures["tokens"] as? Int == 23 && figures["characters"] as? Int == 24)
            let people = try martlet([
                "evaluate", "--model", model, "--data", "\(root)/text.txt",
            ])
            #expect(
                people.output.contains("text.txt, test:") && people.output.contains("perplexity"))
        }
    }

    @Test func quantizeComparesPerplexities() throws {
        try withModel { root, model in
            let outcome = try martlet([
                "quantize", model, "--type", "int8", "--out", "\(root)/small", "--data",
                "\(root)/text.txt", "--json",
            ])
            let object = try jsonObject(outcome.output)
            let perplexity = try #require(object["perplexity"] as? [String: Double])
            let (before, after) = (
                try #require(perplexity["before"]), try #require(perplexity["after"])
            )
            #expect(before != after && abs(after / before - 1) < 0.02)
            let written = try martlet([
                "generate", "--model", "\(root)/small", "--length", "12", "--json",
            ])
            #expect((try jsonObject(written.output)["text"] as? String)?.count == 12)
            let inspected = try martlet(["inspect", "gradients", "--model", model])
            #expect(
                inspected.code == 65
                    && inspected.errors.contains("is a language model, whose loss needs a text"))
        }
    }

    @Test func subwordsLearnedOrGivenTrainAndWrite() throws {
        try withTemporaryFolder { root in
            let line = "the cat sat on the mat, 猫坐在垫子上, the dog sat on the log.\n"
            let text = "\(root)/text.txt"
            try write(String(repeating: line, count: 60), to: text)
            let learned = try martlet(
                training(text, "\(root)/run") + [
                    "--unit", "subword", "--vocabulary", "300", "--softmax", "adaptive",
                ])
            #expect(learned.code == 0, "\(learned.errors)")
            #expect(learned.errors.contains("tokens   subwords, "), "\(learned.errors)")
            // Hugging Face's format, which the tokenizer commands read too.
            let tokenizer = "\(root)/run/tokenizer.json"
            let encoded = try martlet(
                ["tokenizer", "encode", "--tokenizer", tokenizer], input: Data("the cat\n".utf8))
            #expect(encoded.code == 0, "\(encoded.errors)")
            let given = try martlet(
                training(text, "\(root)/given") + ["--tokenizer", tokenizer])
            #expect(given.code == 0, "\(given.errors)")
            #expect(
                try bytes(of: "\(root)/given/tokenizer.json") == bytes(of: tokenizer))
            for model in ["\(root)/run", "\(root)/given"] {
                let written = try martlet([
                    "generate", "--model", model, "--prompt", "the ", "--length", "80",
                    "--temperature", "1.5",
                ])
                #expect(written.code == 0 && written.errors.isEmpty, "\(written.errors)")
                #expect(written.output.hasPrefix("the "))
                let judged = try martlet(["evaluate", "--model", model, "--data", text])
                #expect(judged.code == 0 && judged.output.contains("bits"), "\(judged.errors)")
            }
            let missing = try martlet(
                training(text, "\(root)/other") + ["--tokenizer", "\(root)/none.json"])
            #expect(missing.code == 65 && missing.errors.contains("none.json: cannot be read"))
            let tied = try martlet(
                training(text, "\(root)/other") + ["--softmax", "adaptive", "--tied"])
            #expect(tied.code == 64 && tied.errors.contains("--tied and --softmax adaptive"))
            let words = try martlet(
                training(text, "\(root)/other") + ["--unit", "word", "--tokenizer", tokenizer])
            #expect(words.code == 64 && words.errors.contains("--tokenizer is for --unit subword"))
        }
    }

    @Test func gradientsOfALanguageModelAreThoseOfItsLoss() throws {
        try withModel { root, model in
            let text = "\(root)/text.txt"
            func inspect(_ more: String...) throws -> [String: Any] {
                let outcome = try martlet(
                    ["inspect", "gradients", "--model", model, "--data", text, "--json"] + more)
                #expect(outcome.code == 0, "\(outcome.errors)")
                return try jsonObject(outcome.output)
            }
            func value(_ report: [String: Any], _ name: String) -> String? {
                (report["settings"] as? [[String: String]])?.first { $0["name"] == name }?["value"]
            }
            // Every guess of the test part in one piece: the loss that evaluate tells.
            let judged = try jsonObject(
                try martlet(["evaluate", "--model", model, "--data", text, "--json"]).output)
            let figures = try #require(judged["model"] as? [String: Any])
            let (guesses, loss) = (
                try #require(figures["tokens"] as? Int), try #require(figures["loss"] as? Double)
            )
            let whole = try inspect("--loss", "every", "--batch", "1", "--time", "\(guesses)")
            #expect(value(whole, "data") == "\(text) (test)" && value(whole, "pieces") == "1")
            let written = try #require(value(whole, "loss"))
            let found = try #require(Double(written))
            #expect(abs(found - loss) < 1e-3)
            let last = try inspect("--time", "20", "--batch", "3")
            #expect(value(last, "pieces") == "3" && value(last, "steps") == "20")
            let part = try #require(
                ((last["networks"] as? [[String: Any]])?[0]["parts"] as? [[String: Any]])?[0])
            let lengths = try #require(part["gradient"] as? [Double])
            #expect(lengths.count == 20 && lengths[19] > 0 && lengths[0] > 0)
            let long = try martlet([
                "inspect", "gradients", "--model", model, "--data", text, "--time", "5000",
            ])
            #expect(
                long.code == 65
                    && long.errors.contains("5000 steps and the token after them need 5001"))
        }
    }

    @Test func interruptedRunsGoOn() throws {
        try withTemporaryFolder { root in
            let line = "the cat sat on the mat, the dog sat on the log.\n"
            try write(String(repeating: line, count: 60), to: "\(root)/text.txt")
            let missing = try martlet([
                "train", "language-model", "--out", "\(root)/run", "--resume",
            ])
            #expect(missing.code == 65 && missing.errors.contains("holds no checkpoint"))
        }
    }

    @Test(arguments: [
        (["--temperature", "-1"], "--temperature is -1.0: expected 0"),
        (["--temperature", "nan"], "--temperature is nan"),
        (["--top-p", "0"], "--top-p is 0.0: expected more than 0, at most 1"),
        (["--top-p", "1.5"], "--top-p is 1.5"), (["--top-k", "0"], "--top-k is 0"),
        (["--length", "-1"], "--length is -1"),
    ])
    func choicesThatMakeNoSenseAreRefused(_ arguments: [String], _ problem: String) throws {
        let outcome = try martlet(["generate", "--model", "nowhere"] + arguments.map { $0 })
        #expect(outcome.code == 64 && outcome.errors.contains(problem), "\(outcome.errors)")
    }

    @Test func foldersAndFilesThatDoNotFitAreNamed() throws {
        try withModel { root, model in
            let nowhere = try martlet(["generate", "--model", "\(root)/nowhere"])
            #expect(nowhere.code == 65 && nowhere.errors.contains("nowhere/config.json"))
            try write("{}", to: "\(root)/state.json")
            let state = try martlet([
                "generate", "--model", model, "--state", "\(root)/state.json",
            ])
            #expect(state.code == 65 && state.errors.contains("is no saved state"))
            let unknown = try martlet([
                "generate", "--model", model, "--prompt", "猫", "--length", "3",
            ])
            #expect(
                unknown.code == 0
                    && unknown.errors.contains("1 token of the prompt never occurred"))
            try Data([0x61, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: "\(root)/bad.txt"))
            let bad = try martlet(training("\(root)/bad.txt", "\(root)/other"))
            #expect(bad.code == 65 && bad.errors.contains("bad.txt:1: byte 2 of the line (0xFF)"))
            let missing = try martlet(training("\(root)/gone.txt", "\(root)/other"))
            #expect(missing.code == 65 && missing.errors.contains("gone.txt: cannot be read"))
        }
    }
}
