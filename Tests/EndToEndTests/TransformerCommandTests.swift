import Foundation
import MartletTestSupport
import Testing

/// `martlet train gpt`, `train bert`, `train t5`, and `generate` and `embed` with what they wrote.
@Suite struct TransformerCommandTests {
    private func training(_ task: String, _ root: String, _ more: String...) -> [String] {
        [
            "train", task, "--data", "\(root)/text.txt", "--out", "\(root)/run", "--layers", "1",
            "--width", "16", "--heads", "2", "--context", "24", "--vocabulary", "300", "--batch",
            "4", "--steps", "4", "--evaluate-every", "2", "--seed", "3",
        ] + more
    }

    private func withText(_ body: (_ root: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            let lines = ["the cat sat on the mat,", "and the dog on the log.", "the dog ran off."]
            let text = (0..<300).map { lines[$0 * $0 % 7 % 3] }.joined(separator: "\n")
            try write(text + "\n", to: "\(root)/text.txt")
            try body(root)
        }
    }

    /// Trains, successfully.
    private func train(_ task: String, _ root: String, _ more: String...) throws {
        let outcome = try martlet(training(task, root) + more)
        #expect(outcome.code == 0, "\(outcome.errors)")
        for part in ["tokens to learn from", "parameters", "epoch  loss", "test     loss"] {
            #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
        }
        #expect(try names(in: "\(root)/run") == runFiles)
    }

    @Test func aDecoderIsTrainedAndWrites() throws {
        try withText { root in
            try train("gpt", root, "--steps", "60", "--learning-rate", "0.01")
            func generate(_ arguments: String...) throws -> Program.Outcome {
                try martlet(["generate", "--model", "\(root)/run"] + arguments)
            }
            let first = try generate("--prompt", "the cat", "--length", "12", "--seed", "5")
            #expect(first.code == 0 && first.errors.isEmpty, "\(first.errors)")
            #expect(first.output.hasPrefix("the cat"))
            #expect(
                try generate("--prompt", "the cat", "--length", "12", "--seed", "5").output
                    == first.output)
            // A saved state goes on as if there had been no break.
            let whole = try generate(
                "--prompt", "the", "--length", "14", "--temperature", "0"
            ).output
            let begin = try generate(
                "--prompt", "the", "--length", "6", "--temperature", "0", "--save-state",
                "\(root)/state.json"
            ).output.dropLast()
            let rest = try generate(
                "--length", "8", "--temperature", "0", "--state", "\(root)/state.json"
            ).output
            #expect(begin + rest == whole)
            let half = try generate(
                "--prompt", "the cat", "--length", "5", "--seed", "5", "--save-state",
                "\(root)/state.json"
            ).output.dropLast()
            let more = try generate("--length", "7", "--state", "\(root)/state.json").output
            #expect(half + more == first.output)
            // What does not fit the context is forgotten, and said to be.
            let long = try generate("--prompt", "the", "--length", "40")
            #expect(long.code == 0 && long.errors.contains("reads at most 24 tokens"))
            let object = try jsonObject(
                try generate("--prompt", "the", "--length", "5", "--json").output)
            #expect(object["tokens"] as? Int == 5)
        }
    }

    @Test func anEncoderLearnsFromPairsAndEmbeds() throws {
        try withText { root in
            try train("bert", root)
            let animals = (0..<40).map { "the cat \($0)\tthe dog \($0)" }
            try write(animals.joined(separator: "\n") + "\n", to: "\(root)/pairs.tsv")
            let learn = [
                "train", "encoder-contrastive", "--encoder", "\(root)/run", "--data",
                "\(root)/pairs.tsv", "--out", "\(root)/pairs", "--epochs", "1", "--batch", "8",
            ]
            let outcome = try martlet(learn)
            #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
            for part in ["pairs to learn from", "before   ", "validation found first", "test     "]
            {
                #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
            }
            let found = try martlet([
                "embed", "--model", "\(root)/pairs", "--data", "\(root)/text.txt", "--search",
                "the dog ran off.", "--top", "1",
            ])
            #expect(found.code == 0 && found.output.contains("the dog ran off."))
            try martlet(learn).expectFailure(65, "\(root)/pairs")
            let usage = try martlet(learn + ["--batch", "1"])
            #expect(usage.code == 64 && usage.errors.contains("--batch is 1: expected at least 2"))
        }
    }

    @Test func anEncoderIsTrainedAndEmbeds() throws {
        try withText { root in
            try train("bert", root)
            let lines = "the cat sat\nthe dog ran off\n\n"
            let vectors = try Program.run(
                martletPath, ["embed", "--model", "\(root)/run"], input: Data(lines.utf8),
                environment: [:])
            #expect(vectors.code == 0, "\(vectors.errors)")
            let rows = try vectors.lines.map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [Double])
            }
            #expect(rows.count == 3 && rows.allSatisfy { $0.count == 16 })
            for row in rows { #expect(abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4) }
            let found = try martlet([
                "embed", "--model", "\(root)/run", "--data", "\(root)/text.txt", "--search",
                "the dog ran off.", "--top", "2", "--json",
            ])
            let hits = try found.objects()
            #expect(hits.count == 2 && hits[0]["text"] as? String == "the dog ran off.")
            let saved = try martlet([
                "embed", "--model", "\(root)/run", "--data", "\(root)/text.txt", "--out",
                "\(root)/vectors.safetensors",
            ])
            #expect(saved.code == 0 && saved.output.isEmpty, "\(saved.errors)")
            #expect(try bytes(of: "\(root)/vectors.safetensors").count > 300 * 16 * 4)

            let long = String(repeating: "the cat sat on the mat, ", count: 30)
            let question = ["embed", "--model", "\(root)/run", "--data", "\(root)/text.txt"]
            try martlet(question + ["--search", long]).expectFailure(
                65, "--search", "tokens: this model reads at most 24")
            #expect(try martlet(question + ["--search", long, "--truncate"]).code == 0)
            try write("short\n\(long)\n", to: "\(root)/long.txt")
            let refused = try martlet(
                "embed", "--model", "\(root)/run", "--data", "\(root)/long.txt")
            refused.expectFailure(65, "long.txt: text 2 has", "--truncate")
            // With labels it becomes a classifier.
            let reviews = Reviews(60).jsonLines()
            try write(reviews, to: "\(root)/reviews.jsonl")
            let tuned = try martlet([
                "train", "encoder-classifier", "--encoder", "\(root)/run", "--data",
                "\(root)/reviews.jsonl", "--out", "\(root)/tuned", "--epochs", "1",
            ])
            #expect(tuned.code == 0 && tuned.errors.contains("at most 24 tokens of a text"))
            #expect(try names(in: "\(root)/tuned") == runFiles)
            let answer = try martlet("predict", "--model", "\(root)/tuned", "--json", "the cat")
            #expect(
                (try jsonObject(answer.output)["probabilities"] as? [String: Double])?.count == 2)
            let judged = try martlet(
                "evaluate", "--model", "\(root)/tuned", "--data", "\(root)/reviews.jsonl", "--json")
            #expect(try jsonObject(judged.output)["part"] as? String == "test")
            try martlet("predict", "--model", "\(root)/tuned", "--trace", "x").expectFailure(
                65, "--trace")
            try martlet("predict", "--model", "\(root)/run", "x").expectFailure(
                65, "has no classes")
            // An encoder does not write.
            try martlet("generate", "--model", "\(root)/run").expectFailure(
                65, "does not write from left to right")
        }
    }

    @Test func anEncoderAndADecoderAreTrained() throws {
        try withText { root in
            try train("t5", root)
            let resumed = try martlet(training("gpt", root, "--resume"))
            resumed.expectFailure(65, "holds no checkpoint")
        }
    }

    @Test func whatIsWrongIsSaid() throws {
        try withText { root in
            func refused(_ code: Int32, _ parts: String..., arguments: [String]) throws {
                let outcome = try martlet(arguments)
                #expect(outcome.code == code && outcome.output.isEmpty, "\(outcome.errors)")
                for part in parts {
                    #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
                }
            }
            try refused(
                64, "--width is 16 and --heads 3",
                arguments: training("gpt", root, "--heads", "3"))
            try refused(
                64, "--key-heads needs --architecture",
                arguments: training("gpt", root, "--key-heads", "1"))
            try refused(
                64, "--span-length is 0.5", arguments: training("t5", root, "--span-length", "0.5"))
            try refused(
                64, "--masked-share is 1.0",
                arguments: training("bert", root, "--masked-share", "1"))
            try refused(
                65, "tokens to learn from", "--context",
                arguments: training("gpt", root, "--context", "90000"))
            try write("{}", to: "\(root)/tokenizer.json")
            try refused(
                65, "tokenizer.json",
                arguments: training("gpt", root, "--tokenizer", "\(root)/tokenizer.json"))
            try refused(
                65, "nowhere.txt: cannot be read",
                arguments: [
                    "train", "gpt", "--data", "\(root)/nowhere.txt", "--out", "\(root)/run",
                ])
            #expect(try names(in: root) == ["text.txt", "tokenizer.json"])
        }
    }
}
