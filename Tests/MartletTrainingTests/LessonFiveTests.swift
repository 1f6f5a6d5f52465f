import Foundation
import MartletData
import MartletModels
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// The code of Documentation/Learn/05-time-series.md, and that the lesson shows just this code.
@Suite struct LessonFiveTests {
    /// A folder with `load.csv`: hourly, with a day and a week in it.
    private func withLoad(_ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let lines = TinySeries.lines(900)
            try write(lines.joined(separator: "\n") + "\n", to: folder + "/load.csv")
            try body(folder)
        }
    }

    @Test func aTableAndItsCalendar() throws {
        try withLoad { folder in
            // lesson: table
            let columns = SeriesColumns(time: "time", target: "load")
            let table = try SeriesTable.read(folder + "/load.csv", columns: columns)
            let series = table.series[0]
            print(table.step, series.count, series.times[0])  // hourly 900 2020-01-01
            // lesson: end
            #expect("\(table.step) \(series.count) \(series.times[0])" == "hourly 900 2020-01-01")
            // lesson: calendar
            let calendar = CalendarFeatures(step: table.step)
            let noon = calendar.values(of: CalendarTime(year: 2020, month: 6, day: 1, hour: 12))
            print(calendar.names[0], noon[0])  // hour_sin_1, sin π: as good as 0
            // lesson: end
            #expect(abs(noon[0]) < 1e-12)
        }
    }

    @Test func likelihoods() {
        // lesson: likelihood
        let y = Tensor([1, 2, .nan, 40] as [Float])  // the third is missing, the fourth far out
        let location = Tensor([1.5, 1.5, 1.5, 1.5] as [Float])
        let scale = Tensor.ones([4])
        let gaussian = y.gaussianLoss(mean: location, deviation: scale)
        let student = y.studentTLoss(location: location, scale: scale, degrees: .full([4], 3))
        // lesson: end
        let (a, b) = (gaussian.scalars(as: Float.self), student.scalars(as: Float.self))
        #expect(a[2] == 0 && b[2] == 0)
        #expect(a[3] > 700 && b[3] < 20)
    }

    @Test func fromTrainingToAStream() throws {
        try withLoad { folder in
            // lesson: train
            var options = ForecasterOptions()
            options.horizon = 24
            options.hidden = 16
            options.headSize = 16
            options.epochs = 4
            options.validation = 120
            options.test = 120
            let record = try ForecasterRecipe(
                options: options, data: folder + "/load.csv",
                columns: SeriesColumns(time: "time", target: "load"), folder: folder + "/run",
                version: "lesson"
            ).run()
            print(record.test!.error, record.test!.best!.error)
            // lesson: end
            #expect(record.test?.values == 120 && record.test?.error.isFinite == true)

            // lesson: forecast
            let forecaster = try TrainedForecaster(contentsOf: folder + "/run")
            let series = try SeriesTable.read(
                folder + "/load.csv", columns: forecaster.columns, rules: forecaster.rules
            ).series[0]
            var session = try forecaster.session(of: "")
            session.read(series.slice(0..<800))
            let day = try session.forecast(24, levels: [0.1, 0.9])
            print(day.times[0], day.median[0], day.quantiles[0])
            // lesson: end
            #expect(day.times[0] == series.times[800])

            // lesson: stream
            var stream = try forecaster.session(of: "")
            for step in 0..<800 { stream.read(series.slice(step..<step + 1)) }
            let same = try stream.forecast(24, levels: [0.1, 0.9]) == day  // true, bit for bit
            // lesson: end
            #expect(same)

            // lesson: leak
            var changed = series
            for step in 800..<900 { changed.target[step] = 1e6 }
            var other = try forecaster.session(of: "")
            other.read(changed.slice(0..<800))
            let unmoved = try other.forecast(24, levels: [0.1, 0.9]) == day  // true
            // lesson: end
            #expect(unmoved)
        }
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown("Documentation/Learn/05-time-series.md", codeIn: #filePath)
    }
}
