import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// `martlet quantize`.
@Suite struct QuantizeCommandTests {
    @Test(arguments: ["int8", "int4"])
    func aClassifierStaysUsable(type: String) throws {
        try withWorkshop { workshop in
            try workshop.train()
            let out = "\(workshop.root)/small"
            let quantize = ["quantize", workshop.run, "--type", type, "--data", workshop.data]
            let outcome = try martlet(quantize + ["--out", out, "--json"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let report = try jsonObject(outcome.output)
            let bytes = try #require(report["bytes"] as? [String: Int])
            #expect(bytes["after"]! < bytes["before"]!)
            // Of its own data, the test tenth.
            #expect(report["examples"] as? Int == 20)
            #expect(try #require(report["same_answers"] as? Double) > 0.8)
            #expect(
                try names(in: out) == [
                    "config.json", "model.safetensors", "tokenizer.json", "training.json",
                ])
            let answer = try martlet("predict", "--model", out, "--json", "a fine film")
            #expect(answer.code == 0 && answer.output.contains("probability"))
            let text = try martlet(quantize + ["--out", "\(workshop.root)/again"])
            #expect(text.output.contains("accuracy") && text.output.contains("MB"))
            try martlet("quantize", out, "--type", type, "--out", "\(workshop.root)/x")
                .expectFailure(65, "is quantised to \(type) already")
            try martlet("quantize", workshop.run, "--type", type, "--out", workshop.run)
                .expectFailure(65, "is the model's own folder")
        }
    }

    @Test func aRecurrentStackGivesNearlyTheSame() throws {
        try withTemporaryFolder { root in
            var random = RandomGenerator(seed: 2)
            let model = RecurrentModel(
                .init(
                    cell: .lstm, inputSize: 40, hiddenSizes: [64, 48], projectionSize: 10,
                    peephole: true), using: &random)
            try CheckpointFolder.write(to: "\(root)/model", files: ModelFolder.files(of: model))
            let inputs = ["input": random.normal([2, 9, 40])]
            try Safetensors.write(
                [(name: "input", tensor: inputs["input"]!)], to: "\(root)/in.safetensors")
            let quantized = try martlet(
                "quantize", "\(root)/model", "--type", "int8", "--out", "\(root)/small", "--data",
                "\(root)/in.safetensors", "--json")
            #expect(quantized.code == 0, "\(quantized.errors)")
            let error = try #require(
                jsonObject(quantized.output)["relative_error"] as? Double)
            #expect(error > 0 && error < 0.015)
            let outcome = try martlet(
                "run", "--model", "\(root)/small", "--input", "\(root)/in.safetensors", "--output",
                "\(root)/out.safetensors")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let found = try SafetensorsFile(path: "\(root)/out.safetensors").tensors()
            let expected = try model.quantized(to: .int8).run(inputs)
            #expect(largestDifference(found["output"]!, expected["output"]!) < 1e-6)
            // A broken checkpoint is not made into one that looks whole.
            let broken = model.mapParameters { name, tensor in
                name == "weight_hh_l0" ? tensor / 0 : tensor
            }
            try CheckpointFolder.write(to: "\(root)/broken", files: ModelFolder.files(of: broken))
            try martlet("quantize", "\(root)/broken", "--type", "int8", "--out", "\(root)/x")
                .expectFailure(65, "\"weight_hh_l0\" holds a number that is NaN or infinite")
            // A file of other types than config.json says is refused.
            let other = "\(root)/small/config.json"
            let text = try String(contentsOfFile: other, encoding: .utf8)
            try write(text.replacingOccurrences(of: "int8", with: "int4"), to: other)
            try martlet("quantize", "\(root)/small", "--type", "int8", "--out", "\(root)/x")
                .expectFailure(65, "weight_ih_l0")
        }
    }

    @Test(arguments: ["transformer", "gru"])
    func aModelThatWritesStaysUsable(model: String) throws {
        try withTemporaryFolder { root in
            let letters = Array("abcdefgh")
            let lines = (0..<300).map { number in
                let word = [number % 8, number / 8 % 8, number / 64, number * 5 % 8].map {
                    letters[$0]
                }
                return String(word) + "\t" + String(word.reversed()).uppercased()
            }
            try write(lines.joined(separator: "\n") + "\n", to: "\(root)/pairs.tsv")
            let (run, out) = ("\(root)/run", "\(root)/small")
            let trained = try martlet(
                "train", "seq2seq", "--data", "\(root)/pairs.tsv", "--model", model, "--hidden",
                "32",
                "--layers", "1", "--epochs", "6", "--batch", "32", "--minimum-count", "1", "--out",
                run)
            #expect(trained.code == 0, "\(trained.errors)")
            let quantize = ["quantize", run, "--type", "int8", "--data", "\(root)/pairs.tsv"]
            let outcome = try martlet(quantize + ["--out", out, "--json"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let report = try jsonObject(outcome.output)
            let bytes = try #require(report["bytes"] as? [String: Int])
            #expect(bytes["after"]! < bytes["before"]! / 2)
            // The test part of its own pairs.
            let sources = try #require(report["sources"] as? Int)
            #expect(sources > 10 && sources < 60)
            let scores = try #require(report["scores"] as? [[String: [String: Any]]])
            #expect(scores.map { $0["after"]?["name"] as? String } == ["chrF2", "CER"])
            #expect(
                try names(in: out) == [
                    "config.json", "model.safetensors", "source_tokenizer.json",
                    "target_tokenizer.json", "training.json",
                ])
            let answer = try martlet("translate", "--model", out, "abcd")
            #expect(answer.code == 0 && !answer.output.isEmpty, "\(answer.errors)")
            let text = try martlet(quantize + ["--out", "\(root)/again"])
            #expect(text.output.contains("chrF2") && text.output.contains("are the same"))
            try martlet("quantize", run, "--type", "int4", "--out", "\(root)/x")
                .expectFailure(65, "is not kept in int4: give --type int8")
            try martlet("quantize", out, "--type", "int8", "--out", "\(root)/x")
                .expectFailure(65, "is quantised to int8 already")
        }
    }
}
