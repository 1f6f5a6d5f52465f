import Foundation
import MartletTestSupport
import Testing

/// `martlet train forecaster`, `forecast` and `detect-anomalies`.
@Suite struct ForecastCommandTests {
    /// Hourly values with a day in them, and a few of it missing.
    private static let rows = (0..<300).map { step -> String in
        let day =
            "2024-0\(1 + step / 24 / 28)-\(step / 24 % 28 < 9 ? "0" : "")\(step / 24 % 28 + 1)"
        let hour = step % 24
        let value = [100, 120, 150, 90][hour / 6] + step * 7 % 11
        return "\(day) \(hour < 10 ? "0" : "")\(hour):00,\(step == 50 ? "" : "\(value)")"
    }

    private static let training = [
        "train", "forecaster", "--time", "time", "--target", "load", "--horizon", "6", "--hidden",
        "8", "--head-size", "8", "--epochs", "1", "--context", "24", "--lags", "24", "--batch", "4",
        "--test", "24",
    ]

    private func withModel(_ body: (_ data: String, _ model: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            let data = "\(root)/load.csv"
            try write("time,load\n" + Self.rows.joined(separator: "\n") + "\n", to: data)
            let outcome = try martlet(Self.training + ["--data", data, "--out", "\(root)/run"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            for part in ["hourly, 300 steps, 1 values missing", "test     mean absolute error"] {
                #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
            }
            try body(data, "\(root)/run")
        }
    }

    @Test func aStreamForecastsAsTheWholeFileDoes() throws {
        try withModel { data, model in
            let whole = try martlet("forecast", "--model", model, "--data", data, "--json")
            #expect(whole.code == 0, "\(whole.errors)")
            let forecasts = try #require(
                try jsonObject(whole.output)["forecasts"] as? [[String: Any]])
            let begin = data + ".begin.csv"
            try write(
                "time,load\n" + Self.rows[..<290].joined(separator: "\n") + "\n", to: begin)
            let input = "time,load\n" + Self.rows[290...].joined(separator: "\n") + "\n"
            let streamed = try martlet(
                ["forecast", "--model", model, "--data", begin, "--stream"], input: Data(input.utf8)
            )
            #expect(streamed.code == 0, "\(streamed.errors)")
            let objects = try streamed.objects()
            #expect(objects.count == 10)
            #expect(NSDictionary(dictionary: objects[9]) == NSDictionary(dictionary: forecasts[0]))
            // A row that does not follow is refused, by its line.
            let bad = try martlet(
                ["forecast", "--model", model, "--data", begin, "--stream"],
                input: Data("time,load\n\(Self.rows[291])\n".utf8))
            bad.expectFailure(65, "standard input:2: ", "1 steps between have no row")
        }
    }

    /// With --from, nothing that came later counts: another future gives the same bytes.
    @Test func theFutureOfTheFileChangesNoForecast() throws {
        try withModel { data, model in
            let from = String(Self.rows[200].prefix(16))
            func forecast(_ path: String) throws -> String {
                let outcome = try martlet(
                    "forecast", "--model", model, "--data", path, "--from", from)
                #expect(outcome.code == 0, "\(outcome.errors)")
                return outcome.output
            }
            let other = data + ".other.csv"
            let changed = Self.rows.enumerated().map { step, row in
                step < 200 ? row : row.prefix(17) + "\(step % 5 == 0 ? "" : "-99999")"
            }
            try write("time,load\n" + changed.joined(separator: "\n") + "\n", to: other)
            let lines = try forecast(data).split(separator: "\n")
            #expect(try forecast(other) == forecast(data))
            #expect(lines[0] == "time,median,q0.1,q0.5,q0.9" && lines.count == 7)
            #expect(lines[1].hasPrefix(from + ","))
        }
    }

    @Test func aPictureAndAnomalies() throws {
        try withModel { data, model in
            let picture = data + ".svg"
            let outcome = try martlet(
                "forecast", "--model", model, "--data", data, "--plot", picture)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let svg = try String(contentsOfFile: picture, encoding: .utf8)
            #expect(svg.hasPrefix("<svg xmlns=") && svg.contains("class=\"band\""))
            let found = try martlet(
                "detect-anomalies", "--model", model, "--data", data, "--threshold", "1e-9",
                "--json")
            #expect(found.code == 0 && found.errors.contains("values are anomalous"))
            #expect(try found.objects().allSatisfy { $0["anomalous"] as? Bool == true })
            try martlet(
                "detect-anomalies", "--model", model, "--data", data, "--clean", data
            ).expectFailure(65, "needs at least 1000")
        }
    }

    @Test func badInputIsNamed() throws {
        try withModel { data, model in
            try martlet("forecast", "--model", model, "--data", data, "--horizon", "7")
                .expectFailure(65, "the model forecasts 6 steps at once: 7 were asked for")
            let gap = data + ".gap.csv"
            try write(
                "time,load\n\(Self.rows[0])\n\(Self.rows[1])\n\(Self.rows[4])\n", to: gap)
            try martlet("forecast", "--model", model, "--data", gap)
                .expectFailure(65, "gap.csv:4: column \"time\": 2 steps")
            try martlet(
                Self.training + ["--data", gap, "--out", model + "2", "--gaps", "missing"]
            ).expectFailure(65, "steps are left to learn from")
            let usage = try martlet(
                "train", "forecaster", "--data", data, "--time", "time", "--target", "load",
                "--out", model + "2", "--quantiles", "0.9,0.1")
            #expect(usage.code == 64 && usage.errors.contains("--quantiles is 0.9,0.1"))
        }
    }
}
