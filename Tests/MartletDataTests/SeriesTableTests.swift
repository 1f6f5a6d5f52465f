import MartletData
import MartletTestSupport
import Testing

@Suite struct SeriesTableTests {
    static func read(
        _ content: String, _ columns: SeriesColumns = SeriesColumns(time: "time", target: "y"),
        _ rules: SeriesRules = SeriesRules()
    ) throws -> SeriesTable {
        try withTemporaryFolder { folder in
            let path = folder + "/s.csv"
            try write(content, to: path)
            return try SeriesTable.read(path, columns: columns, rules: rules)
        }
    }

    /// What reading complains about, without the folder in front.
    static func complaint(
        _ content: String, _ columns: SeriesColumns = SeriesColumns(time: "time", target: "y"),
        _ rules: SeriesRules = SeriesRules()
    ) -> String {
        let text = errorText { _ = try read(content, columns, rules) }
        return text.split(separator: "/").last.map(String.init) ?? text
    }

    @Test(arguments: [
        (["2020-01-01 00:00", "2020-01-01 00:30", "2020-01-01 01:00"], "half-hourly"),
        (["2020-01-31T22:00Z", "2020-01-31T23:00Z", "2020-02-01T00:00Z"], "hourly"),
        (["2020-02-28", "2020-02-29", "2020-03-01"], "daily"),
        (["2019-12-26", "2020-01-02", "2020-01-09"], "weekly"),
        (["2020-01-31", "2020-02-29", "2020-03-31"], "monthly"),
        (["2020-11", "2020-12", "2021-01"], "monthly"),
        (["2020/01/01", "2020/04/01", "2020/07/01"], "quarterly"),
        (["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"], "every business day"),
        (["2020-01-01 00:00:00", "2020-01-01 00:15:00"], "every 15 minutes"),
    ])
    func stepsAreFound(times: [String], name: String) throws {
        let rows = times.enumerated().map { "\($1),\($0)" }.joined(separator: "\n")
        let table = try Self.read("time,y\n\(rows)\n")
        #expect(table.step.description == name)
        #expect(SeriesStep(code: table.step.code) == table.step)
        let series = table.series[0]
        #expect(series.target == times.indices.map(Double.init))
        // The next step after all but the last is there.
        for (time, next) in zip(series.times, series.times.dropFirst()) {
            #expect(table.advance(time, by: 1, in: series) == next)
        }
    }

    @Test func severalSeriesWithCovariatesAndMissingValues() throws {
        let columns = SeriesColumns(
            time: "t", target: "y", series: "shop", covariates: ["rain"], known: ["price"])
        let table = try Self.read(
            """
            shop,t,y,rain,price,other
            a,2020-01-01,1,NA,5,x
            b,2020-01-01,7,0.5,6,x
            a,2020-01-02,,1e2,5,x
            b,2020-01-02,NaN,0,6,x
            a,2020-01-03,3,,4,x

            """, columns)
        #expect(table.series.map(\.name) == ["a", "b"])
        let first = table.series[0]
        #expect(first.target[0] == 1 && first.target[1].isNaN && first.target[2] == 3)
        #expect(first.covariates[0][0].isNaN && first.covariates[0][1] == 100)
        #expect(first.known == [[5, 5, 4]] && first.lines == [2, 4, 6])
        #expect(table.series[1].observedCount == 1 && first.observedCount == 3)
        #expect(table.valueCount == 5)
    }

    @Test(arguments: [
        (
            "2020-01-01,1\n2020-01-02,2\n2020-01-04,3",
            "s.csv:4: column \"time\": 2020-01-03 has no row"
        ),
        (
            "2020-01-01,1\n2020-01-02,2\n2020-01-02,3",
            "s.csv:4: column \"time\": 2020-01-02 was in line 3"
        ),
        ("2020-01-02,1\n2020-01-01,2", "s.csv:3: column \"time\": 2020-01-01 is before 2020-01-02"),
        (
            "2020-01-01,1\n2020-01-02,2\n2020-01-03 05:00,3",
            "s.csv:4: column \"time\": 2020-01-03 05:00 is no whole number of steps"
        ),
        (
            "2020-01-01T00:00Z,1\n2020-01-01T01:00+01:00,2",
            "s.csv:3: column \"time\": the time has UTC+01:00, those before have UTC: mixed time zones"
        ),
        ("2020-01-01T00:00Z,1\n2020-01-01T01:00,2", "those before have UTC"),
        ("2020-13-01,1", "s.csv:2: column \"time\": \"2020-13-01\" is no time"),
        ("2020-02-30,1", "is no time"), ("2020-01-01 24:00,1", "is no time"),
        ("2020-01-01T10:00+15,1", "is no time"), ("2020-01-01T10:00-,1", "is no time"),
        ("2020-01-01T10:00+01:,1", "is no time"), ("2020-01-01T10:00+01:60,1", "is no time"),
        ("2020-01-01T10:00:00.5,1", "is no time"), ("2020-01-01 10:00 PM,1", "is no time"),
        ("2020-01-01,warm", "s.csv:2: column \"y\": \"warm\" is not a finite number"),
        ("2020-01-01,inf", "is not a finite number"),
        ("2020-01-01,1e999", "is not a finite number"),
        ("2020-01-01,1e308", "s.csv:2: column \"y\": 1e308 is too large"),
        ("2020-01-01,1", "has one row"), ("", "no row"),
        ("2020-01-01,1,2", "s.csv:2: has 3 fields: expected 2"),
    ])
    func badRowsAreNamed(rows: String, complaint: String) {
        let found = Self.complaint("time,y\n" + rows)
        #expect(found.contains(complaint), "\(found)")
    }

    /// Clocks that go back give an hour twice, clocks that go forward leave one out: both are named, and the way out.
    @Test func daylightSavingIsNamed() {
        let back = (0..<4).map { "2020-10-25 0\($0):00,1\n2020-10-25 0\($0):30,1" }
        let twice = (back[0...2] + [back[2]] + back[3...]).joined(separator: "\n")
        let found = Self.complaint("time,y\n" + twice)
        #expect(found.hasPrefix("s.csv:8: column \"time\": 2020-10-25 02:00 was in line 6"))
        #expect(found.contains("if clocks were put back there after daylight saving"))
        let forward = Self.complaint(
            "time,y\n2020-03-29 00:00,1\n2020-03-29 01:00,1\n2020-03-29 03:00,1\n2020-03-29 04:00,1"
        )
        #expect(forward.contains("2020-03-29 02:00 has no row"))
        #expect(forward.contains("if clocks were put forward there for daylight saving"))
    }

    @Test func columnsThatDoNotExistAreNamed() {
        #expect(
            Self.complaint("time,z\n2020-01-01,1").hasPrefix(
                "s.csv:1: no column \"y\"; there are \"time\", \"z\"; choose one with --target"))
        let twice = SeriesColumns(time: "time", target: "y", covariates: ["y"])
        #expect(Self.complaint("time,y\n2020-01-01,1", twice).contains("\"y\" is named twice"))
        let known = SeriesColumns(time: "time", target: "y", known: ["p"])
        let found = Self.complaint("time,y,p\n2020-01-01,1,2\n2020-01-02,1,\n", known)
        #expect(found.hasPrefix("s.csv:3: column \"p\" has no value: a --known covariate"))
        #expect(Self.complaint("time,y,y\n2020-01-01,1,2").contains("2 columns are called \"y\""))
    }

    @Test func gapsStayMissingWhereAskedFor() throws {
        let rows = "time,y\n2020-01-01,1\n2020-01-02,2\n2020-01-05,3\n"
        let table = try Self.read(
            rows, SeriesColumns(time: "time", target: "y"), SeriesRules(gaps: .missing))
        let series = table.series[0]
        #expect(series.count == 5 && series.target.filter(\.isNaN).count == 2)
        #expect(series.lines == [2, 3, nil, nil, 4] && series.times[3].description == "2020-01-04")
        let known = SeriesColumns(time: "time", target: "y", known: ["p"])
        #expect(
            Self.complaint(
                "time,y,p\n2020-01-01,1,1\n2020-01-02,2,1\n2020-01-05,3,1\n", known,
                SeriesRules(gaps: .missing)
            ).contains("a missing step has no value of \"p\""))
        let exchange =
            "time,y\n2020-07-01,1\n2020-07-02,2\n2020-07-06,3\n2020-07-07,3\n2020-07-08,3\n2020-07-10,4\n"
        #expect(Self.complaint(exchange).contains("or leave closed days out with --gaps closed"))
        // A year that is wrong is named, and does not fill the memory.
        let wrong = "time,y\n2020-01-01 00:00:00,1\n2020-01-01 00:00:01,2\n9020-01-01 00:00:00,3\n"
        let found = Self.complaint(
            wrong, SeriesColumns(time: "time", target: "y"), SeriesRules(gaps: .missing))
        #expect(found.hasPrefix("s.csv:4: column \"time\": ") && found.contains("expected at most"))
        let resampled = Self.complaint(
            wrong, SeriesColumns(time: "time", target: "y"), SeriesRules(resample: .seconds(60)))
        #expect(resampled.contains("steps of 1min; correct the time"), "\(resampled)")
        let closed = try Self.read(
            exchange, SeriesColumns(time: "time", target: "y"), SeriesRules(gaps: .closed))
        #expect(closed.series[0].target == [1, 2, 3, 3, 3, 4])
    }

    @Test func resamplingMakesEvenSteps() throws {
        let rows =
            "time,y\n2020-01-01 00:10,1\n2020-01-01 00:50,3\n2020-01-01 02:00,5\n2020-01-01 02:01,NA\n"
        func read(_ aggregate: SeriesRules.Aggregate) throws -> [Double] {
            let table = try Self.read(
                rows, SeriesColumns(time: "time", target: "y"),
                SeriesRules(resample: .hour, aggregate: aggregate))
            #expect(table.series[0].times.map(\.hour) == [0, 1, 2])
            return table.series[0].target
        }
        let mean = try read(.mean)
        #expect(mean[0] == 2 && mean[1].isNaN && mean[2] == 5)
        #expect(
            try read(.sum)[0] == 4 && read(.last)[0] == 3 && read(.max)[0] == 3
                && read(.min)[0] == 1)
        #expect(
            SeriesRules(resample: .seconds(7 * 3600)).problem?.contains("does not divide a day")
                == true)
    }

    @Test func equalDataHaveEqualSums() throws {
        let (a, b) = (
            try Self.read("time,y\n2020-01-01,1\n2020-01-02,NA\n"),
            try Self.read("y,time\n1.0,2020/01/01\n,2020/01/02\n")
        )
        #expect(a.sha256 == b.sha256 && a.sha256.count == 64)
        #expect(try Self.read("time,y\n2020-01-01,1\n2020-01-02,2\n").sha256 != a.sha256)
    }

    @Test func rowsFromAPipeAreReadAsThoseOfAFile() throws {
        let columns = SeriesColumns(time: "time", target: "y", series: "s", covariates: ["c"])
        var rows = try SeriesRows(header: "s,y,time,c", columns: columns, source: "standard input")
        let row = try #require(try rows.next("a,4,2020-01-01T00:00Z,"))
        #expect(row.name == "a" && row.target == [4] && row.covariates[0][0].isNaN)
        #expect(row.lines == [2] && rows.offset == 0)
        #expect(try rows.next("") == nil)
        #expect(
            errorText { _ = try rows.next("a,4,2020-01-01T00:00,") }.hasPrefix(
                "standard input:4: column \"time\": the time has no time zone"))
        #expect(errorText { _ = try rows.next("a,4") }.hasPrefix("standard input:5: has 2 fields"))
    }
}

@Suite struct CalendarTests {
    @Test func datesAndDayNumbersAgree() {
        #expect(CalendarTime(seconds: 0).description == "1970-01-01")
        #expect(CalendarTime(year: 2000, month: 3, day: 1).dayNumber == 11_017)
        #expect(CalendarTime(year: 2026, month: 11, day: 25).weekday == 2)
        #expect(
            CalendarTime(year: 1969, month: 12, day: 31, hour: 23).description == "1969-12-31 23:00"
        )
        var time = CalendarTime(year: 1899, month: 12, day: 30)
        var (year, month, day) = (1899, 12, 30)
        var weekday = 5  // a Saturday
        // Day by day over two centuries, counted by hand.
        for _ in 0..<75_000 {
            #expect(time.date == (year, month, day) && time.weekday == weekday)
            time.seconds += CalendarTime.day
            weekday = (weekday + 1) % 7
            day += 1
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test func monthsKeepTheirDay() {
        let end = CalendarTime(year: 2020, month: 1, day: 31)
        let months = SeriesStep.months(1)
        #expect(
            (0...3).map { months.advance(end, by: $0, day: 31).description } == [
                "2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30",
            ])
        #expect(months.advance(end, by: -2).description == "2019-11-30")
        #expect(months.count(from: end, to: CalendarTime(year: 2021, month: 2, day: 28)) == 13)
        let friday = CalendarTime(year: 2020, month: 1, day: 3)
        #expect(SeriesStep.businessDays.advance(friday, by: 1).description == "2020-01-06")
        #expect(SeriesStep.businessDays.advance(friday, by: -5).description == "2019-12-27")
        #expect(
            SeriesStep.businessDays.count(
                from: friday, to: CalendarTime(year: 2020, month: 1, day: 13)) == 6)
    }

    @Test func featuresRepeatWithTheirSeason() {
        let hourly = CalendarFeatures(step: .hour)
        #expect(hourly.count == 16 && hourly.names[0] == "hour_sin_1")
        let noon = CalendarTime(year: 2020, month: 6, day: 1, hour: 12)
        let nextDay = CalendarTime(seconds: noon.seconds + CalendarTime.day)
        let nextWeek = CalendarTime(seconds: noon.seconds + 7 * CalendarTime.day)
        let values = [noon, nextDay, nextWeek].map(hourly.values)
        #expect(zip(values[0], values[1]).prefix(6).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(zip(values[0], values[2]).prefix(12).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(abs(values[0][6] - values[1][6]) > 0.1)
        #expect(abs(values[0][1] + 1) < 1e-12)  // noon is opposite to midnight
        #expect(CalendarFeatures(step: .day).names.allSatisfy { !$0.hasPrefix("hour") })
        #expect(CalendarFeatures(step: .months(1)).count == 6)
        #expect(
            CalendarFeatures(step: .hour, hasYear: false).names == Array(hourly.names.prefix(12)))
        #expect(CalendarFeatures(step: .months(12)).count == 0)
    }
}
