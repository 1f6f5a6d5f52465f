public enum ReportPage {
    public static func html(_ run: RunRecord, explanations: [Explanation]) -> String { "" }
}
