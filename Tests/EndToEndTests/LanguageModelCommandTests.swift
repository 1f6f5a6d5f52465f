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
                    && inspected.errors.contains("the architecture is \"recurrent-language-model\"")
            )
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
                    && unknown.errors.contains("1 tokens of the prompt never occurred"))
            try Data([0x61, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: "\(root)/bad.txt"))
            let bad = try martlet(training("\(root)/bad.txt", "\(root)/other"))
            #expect(bad.code == 65 && bad.errors.contains("bad.txt:1: byte 2 of the line (0xFF)"))
            let missing = try martlet(training("\(root)/gone.txt", "\(root)/other"))
            #expect(missing.code == 65 && missing.errors.contains("gone.txt: cannot be read"))
        }
    }
}
