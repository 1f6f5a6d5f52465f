import Foundation
import MartletData
import MartletModels
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletTraining

@Suite struct ForecasterRunTests {
    @Test func aRunLearnsAndSaysHowGoodItIs() throws {
        try withTemporaryFolder { folder in
            var options = TinySeries.options
            options.epochs = 12
            let record = try TinySeries.train(
                TinySeries.lines(missing: [100, 101, 300]), in: folder, options: options)
            #expect(record.data.step == .hour && record.data.missing == 3)
            #expect(
                record.data.training == 392 && record.data.validation == 60
                    && record.data.test == 48)
            let losses = record.epochs.map(\.validationLoss)
            #expect(losses.min()! < 0.8 * losses[0])
            let test = try #require(record.test)
            #expect(test.origins == 4 && test.values == 48)
            #expect(test.baselines.map(\.name) == ["naive", "seasonal (day)", "seasonal (week)"])
            #expect(test.error < test.baselines[0].error)
            let page = try String(contentsOfFile: folder + "/run/report.html", encoding: .utf8)
            expectWellFormed(page)
            #expect(page.contains("class=\"band\""))
            let saved = try #require(ForecasterRecord.read(from: folder + "/run"))
            #expect(saved.test == test && saved.epochs == record.epochs)
            let text = try String(contentsOfFile: folder + "/run/training.json", encoding: .utf8)
            #expect(text.contains("validation_coverage") && !text.contains("validation_accuracy"))
            #expect(
                try names(in: folder + "/run") == [
                    "config.json", "model.safetensors", "report.html", "training.json",
                ])
        }
    }

    /// The last epoch is kept, everything before the test is learned from, and nothing claims to be unseen.
    @Test func withNothingToChooseByAllIsLearnedFrom() throws {
        try withTemporaryFolder { folder in
            var options = TinySeries.options
            (options.validation, options.epochs, options.patience) = (0, 5, 1)
            let record = try TinySeries.train(TinySeries.lines(), in: folder, options: options)
            #expect(
                record.data.training == 452 && record.data.validation == 0
                    && record.data.test == 48)
            #expect(record.epochs.count == 5 && record.bestEpoch == 5)
            #expect(record.validation == nil && record.test?.values == 48)
            let page = try String(contentsOfFile: folder + "/run/report.html", encoding: .utf8)
            #expect(page.contains("steps that were learned from"))
        }
    }

    /// With one lag, before it has learned anything, its median is no worse than either simple forecast in the steps to learn from.
    @Test func anUntrainedNetworkIsTheBestSimpleForecast() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/data.csv"
            try write(TinySeries.lines().joined(separator: "\n") + "\n", to: path)
            let table = try SeriesTable.read(path, columns: TinySeries.columns)
            let plan = try ForecasterPlan(table, TinySeries.options)
            let numbers = [SeriesNumbers(table.series[0], plan.configuration, place: 0)]
            let end = plan.ends[0].training
            var random = RandomGenerator(seed: 2)
            let model = Forecaster(plan.configuration, using: &random)
                .beginning(with: numbers, ends: [end])
            // The same origins: all that have a value at the lag of a day.
            let scores = ForecastJudge(model, numbers).scores([25..<end], stride: 1)
            #expect(scores.baselines.map(\.name) == ["naive", "seasonal (day)"])
            #expect(scores.baselines.allSatisfy { scores.error < 1.0001 * $0.error })
            // One method for each step ahead: a line of ones.
            for value in model.highway.scalars(as: Float.self) { #expect(value == 0 || value == 1) }
        }
    }

    @Test(arguments: [1, 50, 73])
    func aResumedRunGivesTheSameBytes(steps: Int) throws {
        try withTemporaryFolder { whole in
            let lines = TinySeries.lines()
            let expected = try TinySeries.train(lines, in: whole)
            try withTemporaryFolder { folder in
                let stopped = errorText {
                    try TinySeries.train(lines, in: folder, stopAfter: steps)
                }
                #expect(stopped.contains("interrupted"))
                let other = TinySeries.lines { $0 == 20 ? $1 + 1 : $1 }
                #expect(
                    errorText { try TinySeries.train(other, in: folder, existing: .resume) }
                        .contains("is not the data that the run was begun with"))
                let record = try TinySeries.train(lines, in: folder, existing: .resume)
                #expect(
                    try bytes(of: folder + "/run/model.safetensors")
                        == bytes(of: whole + "/run/model.safetensors"))
                #expect(record.test == expected.test && record.examples == expected.examples)
            }
        }
    }

    /// Neither scales nor weights come from what is kept back, and it is no part of what is learned from.
    @Test func theTestSpanChangesNothingThatIsLearned() throws {
        try withTemporaryFolder { one in
            try withTemporaryFolder { two in
                try TinySeries.train(TinySeries.lines(), in: one)
                try TinySeries.train(
                    TinySeries.lines { $0 >= 500 - 48 ? 1e6 - $1 : $1 }, in: two)
                for name in ["model.safetensors", "config.json"] {
                    #expect(
                        try bytes(of: one + "/run/" + name) == bytes(of: two + "/run/" + name),
                        "\(name)")
                }
            }
        }
    }

    @Test(arguments: ForecastHead.allCases)
    func everyHeadLearns(head: ForecastHead) throws {
        try withTemporaryFolder { folder in
            var options = TinySeries.options
            options.head = head
            options.epochs = 1
            let record = try TinySeries.train(
                TinySeries.lines { $1.rounded() }, in: folder, options: options)
            let scores = try #require(record.test)
            #expect(scores.error < 40 && scores.coverage > 0.1)
            #expect(record.epochs[0].validationLoss.isFinite)
        }
    }

    @Test func severalSeriesShareAModel() throws {
        try withTemporaryFolder { folder in
            let one = TinySeries.lines(300)
            let lines =
                ["time,load,name"] + one.dropFirst().map { $0 + ",north" }
                + TinySeries.lines(260) { _, value in 3 * value }.dropFirst().map { $0 + ",south" }
            var columns = TinySeries.columns
            columns.series = "name"
            let record = try TinySeries.train(lines, in: folder, columns: columns)
            #expect(record.data.series == 2 && record.test?.origins == 8)
            let forecaster = try TrainedForecaster(contentsOf: folder + "/run")
            let scales = forecaster.model.configuration.series
            #expect(scales.map(\.name) == ["north", "south"])
            #expect(scales[1].mean > 2.5 * scales[0].mean)
            #expect(
                errorText { _ = try forecaster.session(of: "east") }.contains(
                    "series \"east\" was not among those that the model learned from: \"north\", \"south\""
                ))
        }
    }

    @Test func badSeriesAreRefusedBeforeAnythingIsWritten() throws {
        func refusal(
            _ lines: [String], columns: SeriesColumns = TinySeries.columns,
            _ change: (inout ForecasterOptions) -> Void = { _ in }
        ) throws -> String {
            try withTemporaryFolder { folder in
                var options = TinySeries.options
                change(&options)
                let text = errorText {
                    try TinySeries.train(lines, in: folder, options: options, columns: columns)
                }
                let left = try names(in: folder)
                #expect(left == ["data.csv"])
                return text
            }
        }
        #expect(
            try refusal(TinySeries.lines { _, _ in 5 }).contains(
                "column \"load\" is 5.0 in every step to learn from: a constant series"))
        #expect(
            try refusal(TinySeries.lines(115)).contains(
                "7 steps are left to learn from: a horizon of 12 needs at least 14"))
        #expect(
            try refusal(TinySeries.lines(missing: Set(0..<392))).contains(
                "has no value in the 392 steps to learn from"))
        #expect(
            try refusal(TinySeries.lines()) { $0.head = .negativeBinomial }.contains(
                "data.csv:2: column \"load\""))
        #expect(
            try refusal(TinySeries.lines()) { $0.context = 400 }.contains("--context is 400"))
        #expect(try refusal(TinySeries.lines()) { $0.lags = [3] }.contains("--lags has 3"))
        #expect(
            try refusal(TinySeries.lines()) { $0.test = 3 }.contains(
                "--test is 3: expected at least the 12 steps"))
        var columns = TinySeries.columns
        columns.covariates = ["wind"]
        let wind = TinySeries.lines().enumerated().map { $1 + ($0 == 0 ? ",wind" : ",\($0 % 7)") }
        #expect(
            try refusal(wind, columns: columns) { $0.mode = .recursive }.contains(
                "--covariates wind is not known of the future"))
    }

    @Test func optionsThatMakeNoSenseAreNamed() {
        func problem(_ change: (inout ForecasterOptions) -> Void) -> String {
            var options = ForecasterOptions()
            change(&options)
            return options.problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.quantiles = [0.5, 0.1] }.hasPrefix("--quantiles is 0.5,0.1"))
        #expect(problem { $0.quantiles = [0, 0.5] }.hasPrefix("--quantiles"))
        #expect(problem { $0.horizon = 0 }.hasPrefix("--horizon is 0"))
        #expect(problem { $0.dropout = 1 }.hasPrefix("--dropout"))
        #expect(problem { $0.test = -1 }.hasPrefix("--test"))
        #expect(
            problem {
                $0.mode = .recursive
                $0.head = .quantile
            }.hasPrefix("--mode recursive with --head quantile"))
    }
}
