import Runs
import Scheduling
import Testing

@Suite("Expressions of cron")
struct CronExpressionTests {
  @Test(
    "Right ones are read, names become numbers",
    arguments: [
      ("0 2 * * *", "0 2 * * *"), ("*/15 8-18/2 1,15 jan-mar mon-fri", "*/15 8-18/2 1,15 1-3 1-5"),
      ("5 4 * * SUN", "5 4 * * 0"), ("0 0 * * 5-7", "0 0 * * 5-7"), ("@daily", "0 0 * * *"),
      ("0  2\t* * *", "0 2 * * *"), ("0 0 31 1-12 *", "0 0 31 1-12 *"),
    ])
  func right(text: String, plain: String) throws { #expect(try CronExpression(text).text == plain) }

  @Test(
    "Wrong ones are refused with the field and the reason",
    arguments: [
      ("0 2 * *", "'0 2 * *' has 4 fields"), ("60 * * * *", "minute '60': 60 is not within 0 and 59"),
      ("0 24 * * *", "hour '24'"), ("0 0 0 * *", "day of the month '0'"), ("0 0 * 13 *", "month '13'"),
      ("0 0 * * 8", "day of the week '8'"), ("*/0 * * * *", "a step is a whole number above 0"),
      ("5/10 * * * *", "a step needs a range: 5-59/10"), ("30-10 * * * *", "runs backwards"),
      ("1,,2 * * * *", "a number is missing"), ("0 2 * * mo", "'mo' is no number, and no name such as sun"),
      ("0 2 * * * root", "has 6 fields"), ("-5 * * * *", "a number is missing"),
      ("1-2-3 * * * *", "is no range"),
      ("*/90 * * * *", "leads beyond 59"), ("@reboot", "is no time of the calendar"),
      ("@often", "is unknown; the words are @annually"), ("0 0 30 2 *", "never comes"), ("", "has 0 fields"),
      ("0 2 * * ２", "is no number"), ("1e1 * * * *", "'1e1' is no number"),
    ])
  func wrong(text: String, reason: String) {
    do {
      let read = try CronExpression(text)
      Issue.record("'\(text)' was read as \(read.text)")
    } catch {
      #expect(error.description.contains(reason), "\(error)")
      #expect(error.exitCode == .usage)
    }
  }

  @Test(
    "systemd's events say the same",
    arguments: [
      ("0 2 * * *", ["*-*-* 02:00:00"]), ("*/15 * * * *", ["*-*-* *:00,15,30,45:00"]),
      ("30 8-18/2 * * mon-fri", ["Mon..Fri *-*-* 08,10,12,14,16,18:30:00"]),
      ("0 0 1,15 jan,jun-aug *", ["*-01,06..08-01,15 00:00:00"]), ("0 5 * * 0,6", ["Sat,Sun *-*-* 05:00:00"]),
      ("0 5 * * sun-wed", ["Mon..Wed,Sun *-*-* 05:00:00"]), ("* * * * *", ["*-*-* *:*:00"]),
      // cron joins the two by "or", unless one begins with a star.
      ("0 3 1 * mon", ["*-*-01 03:00:00", "Mon *-*-* 03:00:00"]),
      ("0 3 */10 * mon", ["Mon *-*-01,11,21,31 03:00:00"]),
    ])
  func calendar(text: String, events: [String]) throws {
    #expect(CalendarEvents(try CronExpression(text)).texts == events)
  }
}
