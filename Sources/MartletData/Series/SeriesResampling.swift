/// Brings values of any times to even steps: those of each step become one; a step without any is missing.
struct SeriesResampling {
    var step: SeriesStep
    var aggregate: SeriesRules.Aggregate
    var columns: SeriesColumns

    func series(_ name: String, _ rows: [SeriesReader.Row]) -> TimeSeries {
        let start = floor(rows[0].time)
        let width = 1 + columns.covariates.count + columns.known.count
        var times: [CalendarTime] = []
        var lines: [Int?] = []
        var values = [[Double]](repeating: [], count: width)
        var place = 0
        while place < rows.count {
            let begin = step.advance(start, by: times.count)
            let end = step.advance(start, by: times.count + 1)
            var next = place
            while next < rows.count, rows[next].time < end { next += 1 }
            for column in 0..<width {
                values[column].append(
                    value(of: rows[place..<next].map { $0.values[column] }.filter { !$0.isNaN }))
            }
            times.append(begin)
            lines.append(place < next ? rows[place].line : nil)
            place = next
        }
        let split = 1 + columns.covariates.count
        return TimeSeries(
            name: name, times: times, target: values[0], covariates: Array(values[1..<split]),
            known: Array(values[split...]), lines: lines)
    }

    /// The begin of the step that a time is in: midnight, Monday, the first of a month.
    private func floor(_ time: CalendarTime) -> CalendarTime {
        switch step {
        case .seconds(let seconds) where seconds % (7 * CalendarTime.day) == 0:
            return CalendarTime(seconds: (time.dayNumber - time.weekday) * CalendarTime.day)
        case .seconds(let seconds):
            return CalendarTime(
                seconds: CalendarTime.floored(time.seconds, seconds) * seconds)
        case .months(let months):
            let number = CalendarTime.floored(time.monthNumber, months) * months
            return CalendarTime(year: 1970, month: 1, day: 1).adding(months: number)
        case .businessDays:
            return CalendarTime(seconds: time.dayNumber * CalendarTime.day)
        }
    }

    private func value(of values: [Double]) -> Double {
        guard let last = values.last else { return .nan }
        switch aggregate {
        case .mean: return values.reduce(0, +) / Double(values.count)
        case .sum: return values.reduce(0, +)
        case .last: return last
        case .max: return values.max() ?? .nan
        case .min: return values.min() ?? .nan
        }
    }
}
