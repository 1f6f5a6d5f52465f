import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// `martlet evaluate`.
@Suite struct EvaluateCommandTests {
    @Test func jsonHasEveryFigure() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let outcome = try martlet(
                "evaluate", "--model", workshop.run, "--data", workshop.data, "--json")
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let objects = try outcome.objects()
            #expect(objects.count == 1 && objects[0]["part"] as? String == "test")
            let model = try #require(objects[0]["model"] as? [String: Any])
            let confusion = try #require(model["confusion_matrix"] as? [[Int]])
            #expect(confusion.joined().reduce(0, +) == 20 && model["examples"] as? Int == 20)
            let right = confusion[0][0] + confusion[1][1]
            #expect(model["accuracy"] as? Double == Double(right) / 20)
            let labels = try #require(model["per_label"] as? [[String: Any]])
            #expect(labels.map { $0["label"] as? String } == ["bad", "good"])
            for (place, label) in labels.enumerated() {
                let found = confusion[0][place] + confusion[1][place]
                let there = confusion[place].reduce(0, +)
                let f1 = 2 * Double(confusion[place][place]) / Double(found + there)
                #expect(abs((label["f1"] as? Double ?? -1) - f1) < 1e-12)
                #expect(label["support"] as? Int == there)
            }
            let baselines = try #require(objects[0]["baselines"] as? [[String: Any]])
            #expect(baselines.map { $0["name"] as? String } == ["n-grams", "majority"])
            for baseline in baselines {
                let metrics = try #require(baseline["metrics"] as? [String: Any])
                #expect(metrics["examples"] as? Int == 20 && metrics["accuracy"] is Double)
            }
            // They are the figures of the training's own test.
            let record = try jsonObject(
                String(decoding: workshop.file("training.json"), as: UTF8.self))
            #expect(record["test"] as? NSDictionary == NSDictionary(dictionary: model))
            #expect(record["baselines"] as? NSArray == NSArray(array: baselines))
        }
    }

    @Test func theTableIsForPeople() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let outcome = try martlet(
                "evaluate", "--model", workshop.run, "--data", workshop.data, "--split", "all")
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            for part in ["200 texts (all)", "accuracy", "n-grams", "majority", "precision", "good"]
            {
                #expect(outcome.output.contains(part), "\(part)")
            }
        }
    }

    @Test func dataThatDoNotFitAreRefused() throws {
        try withWorkshop { workshop in
            try workshop.train("--epochs", "1")
            let other = "\(workshop.root)/other.csv"
            try write("text,label\nfine,so-so\n", to: other)
            let evaluate = ["evaluate", "--model", workshop.run, "--data"]
            try martlet(evaluate + [other]).expectFailure(
                65, "\(other):2: label \"so-so\" is not one of bad, good")
            try martlet(evaluate + ["\(other).none"]).expectFailure(65, ".none")
            try write("text,label\nfine,good\n", to: other)
            try martlet(evaluate + [other, "--split", "test"]).expectFailure(
                65, "the test part of 1 texts is empty", "--split all")
        }
    }
}

/// `martlet run`.
@Suite struct RunCommandTests {
    /// A recurrent model's folder, and the outcome of running it on tensors.
    private func run(
        _ inputs: [(name: String, tensor: Tensor)], output: String = "out.safetensors",
        _ check: (Program.Outcome, String) throws -> Void
    ) throws {
        try withTemporaryFolder { root in
            var random = RandomGenerator(seed: 2)
            let model = RecurrentModel(
                .init(cell: .lstm, inputSize: 3, hiddenSize: 4), using: &random)
            try CheckpointFolder.write(to: "\(root)/model", files: ModelFolder.files(of: model))
            try Safetensors.write(inputs, to: "\(root)/in.safetensors")
            let outcome = try martlet(
                "run", "--model", "\(root)/model", "--input", "\(root)/in.safetensors", "--output",
                "\(root)/\(output)")
            try check(outcome, root)
        }
    }

    @Test func tensorsInTensorsOut() throws {
        var random = RandomGenerator(seed: 4)
        try run([("input", random.normal([2, 5, 3]))]) { outcome, root in
            #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
            let file = try SafetensorsFile(path: "\(root)/out.safetensors")
            #expect(file.names.sorted() == ["c_n", "h_n", "output"])
            #expect(file.layout(of: "output")?.shape == [2, 5, 4])
            #expect(try names(in: root) == ["in.safetensors", "model", "out.safetensors"])
        }
    }

    @Test func emptyTensorsGiveEmptyTensors() throws {
        for shape in [[0, 5, 3], [2, 0, 3], [0, 0, 3]] as [Shape] {
            try run([("input", .zeros(shape))]) { outcome, root in
                #expect(outcome.code == 0, "\(shape): \(outcome.errors)")
                let file = try SafetensorsFile(path: "\(root)/out.safetensors")
                #expect(file.layout(of: "output")?.shape == [shape[0], shape[1], 4])
            }
        }
    }

    @Test func badTensorsAre65() throws {
        let x = Tensor.zeros([2, 5, 3])
        let cases: [([(name: String, tensor: Tensor)], String)] = [
            ([("x", x)], "input tensor \"input\" is missing"),
            ([("input", .zeros([2, 5, 4]))], "has the shape [2, 5, 4]: expected [any, any, 3]"),
            ([("input", .zeros([5, 3]))], "has the shape [5, 3]"),
            ([("input", .zeros([2, 5, 3], dtype: .int64))], "is int64: expected float32"),
            ([("input", x), ("lengths", Tensor([5, 6] as [Int64]))], "lengths[1] is 6"),
            ([("input", x), ("extra", x)], "input tensor \"extra\" is not one of"),
            ([("input", x), ("mask", x)], "input tensor \"mask\" has the shape"),
            ([("input", x), ("h0", .zeros([1, 2, 5]))], "\"h0\" has the shape [1, 2, 5]"),
        ]
        for (inputs, expected) in cases {
            try run(inputs) { outcome, root in
                outcome.expectFailure(65, expected)
                let left = try names(in: root)
                #expect(left == ["in.safetensors", "model"])
            }
        }
    }

    @Test func anInputThatIsNoSafetensorsFileIs65() throws {
        try run([]) { outcome, root in
            outcome.expectFailure(65, "\"input\" is missing")
            try write("not tensors", to: "\(root)/text")
            for name in ["text", "none", "model"] {
                try martlet(
                    "run", "--model", "\(root)/model", "--input", "\(root)/\(name)", "--output",
                    "\(root)/out"
                ).expectFailure(65, "\(root)/\(name): ")
            }
        }
    }

    @Test func anOutputThatCannotBeWrittenIs69() throws {
        try run([("input", .zeros([1, 1, 3]))], output: "none/out.safetensors") { outcome, root in
            outcome.expectFailure(
                69, "\(root)/none/out.safetensors: cannot be written: No such file or directory")
        }
    }
}
