import Foundation
import MartletData
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// Runs that stop and go on.
@Suite struct SentimentResumeTests {
    // In the first epoch, at its end, in the second, at the end of the run.
    @Test(arguments: [1, 10, 13, 20])
    func aResumedRunGivesTheSameBytes(_ steps: Int) throws {
        try withTinyRun { whole in
            let expected = try whole.run()
            try withTinyRun { run in
                #expect(run.interrupt(afterSteps: steps).contains("interrupted in epoch"))
                let begun = steps > 10 ? ["checkpoint"] + TinyRun.files : ["checkpoint"]
                #expect(try names(in: run.folder) == begun)
                var resumedAt: Resumption?
                let record = try run.run(.resume) { event in
                    if case .model(_, _, _, let place) = event { resumedAt = place }
                }
                let place = try #require(resumedAt)
                // The end of an epoch is saved as its last step, before it is validated.
                #expect(place.epoch == (steps - 1) / 10 && place.step == (steps - 1) % 10 + 1)
                #expect(try names(in: run.folder) == TinyRun.files)
                for name in ["model.safetensors", "config.json", "tokenizer.json"] {
                    #expect(try run.file(name) == whole.file(name), "\(name)")
                }
                func timeless(_ record: RunRecord) -> [EpochRecord] {
                    record.epochs.map {
                        var epoch = $0
                        (epoch.seconds, epoch.tokensPerSecond) = (0, 0)
                        return epoch
                    }
                }
                #expect(timeless(record) == timeless(expected))
                #expect(record.test == expected.test && record.bestEpoch == expected.bestEpoch)
            }
        }
    }

    @Test func aRunThatStopsAfterEveryStepGivesTheSameBytes() throws {
        try withTinyRun { whole in
            try whole.run()
            try withTinyRun { run in
                _ = run.interrupt(afterSteps: 1)
                for step in 2...20 {
                    let text = run.interrupt(afterSteps: 1, .resume)
                    #expect(
                        text.contains(
                            "in epoch \((step - 1) / 10 + 1) after step \((step - 1) % 10 + 1);"),
                        "\(text)")
                }
                try run.run(.resume)
                #expect(try run.file("model.safetensors") == whole.file("model.safetensors"))
            }
        }
    }

    @Test func theBestModelOfAnEpochBeforeTheInterruptionIsKept() throws {
        // So fast that the first epoch answers everything rightly, and none can be better.
        func quick(_ run: inout TinyRun) {
            run.options.batch = 4
            run.options.learningRate = 0.05
        }
        try withTinyRun { whole in
            quick(&whole)
            let expected = try whole.run()
            try #require(expected.bestEpoch == 1 && expected.epochs.count == 2)
            try withTinyRun { run in
                quick(&run)
                #expect(run.interrupt(afterSteps: 60).contains("in epoch 2 after step 20"))
                let record = try run.run(.resume)
                #expect(record.bestEpoch == 1)
                let model = try whole.file("model.safetensors")
                #expect(try run.file("model.safetensors") == model)
            }
        }
    }

    @Test func otherOptionsAreRefusedByName() throws {
        try withTinyRun { run in
            _ = run.interrupt(afterSteps: 12)
            let model = try run.file("model.safetensors")
            run.options.hidden = 9
            run.options.learningRate = 0.5
            let text = errorText { try run.run(.resume) }
            for part in [
                "cannot resume: --hidden is 9, the saved run has 8",
                "--learning-rate is 0.5, the saved run has 0.02", "another --out",
            ] { #expect(text.contains(part), "\(text)") }
            #expect(try run.file("model.safetensors") == model)
            // What was refused has spoilt nothing.
            run.options = TinyRun.options
            try run.run(.resume)
        }
    }

    @Test func otherDataAreRefused() throws {
        try withTinyRun { run in
            _ = run.interrupt(afterSteps: 12)
            let reviews = Reviews(200).jsonLines()
            try write(reviews.replacing("n7\"", with: "n7!\""), to: "\(run.root)/reviews.jsonl")
            let text = errorText { try run.run(.resume) }
            #expect(
                text.contains("is not the data that the run was begun with (SHA-256"), "\(text)")
            // The order of the lines, and where they lie, make no difference.
            run.data = "moved.jsonl"
            let lines = reviews.split(separator: "\n").reversed().joined(separator: "\n")
            try write(lines, to: "\(run.root)/moved.jsonl")
            try run.run(.resume)
        }
    }

    @Test func theColumnsOfTheDataAreRemembered() throws {
        try withTinyRun { run in
            try write(
                Reviews(100).table(separator: ",", text: "review", label: "stars"),
                to: "\(run.root)/reviews.csv")
            run.data = "reviews.csv"
            var recipe = run.recipe()
            recipe.columns = TextColumns(text: "review", label: "stars")
            _ = errorText { _ = try recipe.run(isInterrupted: { true }) }
            let saved = try SentimentRecipe.savedRun(in: run.folder)
            #expect(saved.columns == recipe.columns && saved.options == run.options)
            #expect(saved.data == "\(run.root)/reviews.csv")
        }
    }

    @Test func whereThereIsNothingToResumeItSaysSo() throws {
        try withTinyRun { run in
            #expect(errorText { try run.run(.resume) }.contains("holds no checkpoint"))
            try run.run()
            let text = errorText { try run.run(.resume) }
            #expect(text.contains("a finished run has none any more"), "\(text)")
        }
    }

    @Test func aDamagedCheckpointIsRefused() throws {
        try withTinyRun { run in
            _ = run.interrupt(afterSteps: 5)
            let state = "\(run.folder)/checkpoint/state.safetensors"
            let whole = try bytes(of: state)
            try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: state))
            let cut = errorText { try run.run(.resume) }
            #expect(cut.contains("state.safetensors: not a valid safetensors file"), "\(cut)")

            try whole.write(to: URL(fileURLWithPath: state))
            var tensors = try SafetensorsFile(path: state).tensors()
            tensors["best.output.weight"] = .zeros([2, 3])
            try Safetensors.write(tensors.map { ($0.key, $0.value) }, to: state)
            let turned = errorText { try run.run(.resume) }
            #expect(turned.contains("tensor \"best.output.weight\" is float32 [2, 3]"), "\(turned)")

            try write("{", to: "\(run.folder)/checkpoint/progress.json")
            let text = errorText { try run.run(.resume) }
            #expect(text.contains("progress.json is damaged"), "\(text)")
        }
    }
}
