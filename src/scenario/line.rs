//! The one-line grammar, accepted wherever a scenario's name is:
//! `line = [endpoint ":"] step {"," step}`, `step = [N "x"] outcome ["@" P "%"] ["+" delay] ["/" phase] ["*"]`.

use super::duration::parse_delay;
use super::file::Scenario;
use super::file::delay::Delay;
use super::file::endpoint_set::EndpointSet;
use super::file::phase::Phase;
use super::file::rule::{Rule, refused_step};
use super::file::step::Step;
use super::forced_outcome::ForcedOutcome;
use crate::text::quoted;

/// The longest line, in bytes.
pub(crate) const MAX_LINE_BYTES: usize = 1024;

/// Parses a line as a scenario that is named by its text.
pub(crate) fn parse_line(text: &str) -> Result<Scenario, String> {
    if text.len() > MAX_LINE_BYTES {
        return Err(format!("the line has {} bytes, the limit is {MAX_LINE_BYTES}", text.len()));
    }
    let (endpoints, steps) = match text.split_once(':') {
        Some((endpoint, steps)) => (EndpointSet::named(endpoint.trim())?, steps),
        None => (EndpointSet::of_lines(), text),
    };
    let parts: Vec<_> = steps.split(',').collect();
    let default_times = if parts.len() == 1 { None } else { Some(1) };
    let steps = parts
        .iter()
        .map(|part| parse_step(part.trim(), default_times))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(why) = refused_step(endpoints, &steps) {
        return Err(why);
    }
    Ok(Scenario {
        name: text.trim().to_owned(),
        description: String::new(),
        seed: None,
        rules: vec![Rule::of_line(endpoints, steps)].into(),
        examples: Vec::new(),
        expectations: Vec::new(),
    })
}

/// Returns what stands in the place of an outcome in each step of a line, which may be a bad one.
pub(crate) fn outcome_names(text: &str) -> impl Iterator<Item = &str> {
    let steps = text.split_once(':').map_or(text, |(_, steps)| steps);
    steps.split(',').map(|step| {
        let counted = StepParts::of(step.trim()).counted;
        split_count(counted).map_or(counted, |(_, name)| name)
    })
}

/// Whether a text is a line with at most a few wrong letters: it has counts or several steps, and what stands in the
/// place of an outcome is one, is like one or is a short number. Such a text is no secret.
pub(crate) fn is_nearly_line(text: &str) -> bool {
    /// The most bytes of a step that are looked at.
    const MAX_BYTES: usize = 64;
    let text = text.trim().to_ascii_lowercase();
    let steps: Vec<_> = text.split(',').map(str::trim).collect();
    let is_step = |step: &&str| {
        let StepParts { counted, chance, delay, phase, .. } = StepParts::of(step);
        let name = without_count(counted).unwrap_or(counted);
        let is_short_number =
            name.len() <= MAX_DIGITS && name.bytes().all(|byte| byte.is_ascii_digit());
        let is_like_outcome = ForcedOutcome::parse(name).is_some()
            || (is_short_number && !name.is_empty())
            || (name.len() <= MAX_BYTES && !ForcedOutcome::near(name).is_empty());
        let parts = [
            chance.is_none_or(|chance| parse_percent(chance).is_ok()),
            delay.is_none_or(|delay| parse_delay(delay).is_ok()),
            phase.is_none_or(|phase| Phase::parse(phase).is_ok()),
        ];
        is_like_outcome && parts.into_iter().all(|is_good| is_good)
    };
    let is_line = steps.len() > 1 || steps.iter().any(|step| without_count(step).is_some());
    text.len() <= MAX_LINE_BYTES && is_line && steps.iter().all(is_step)
}

/// The most digits of a number in what is nearly a line.
const MAX_DIGITS: usize = 5;

/// The name of the outcome in a step that has a count, which may be a bad one.
fn without_count(step: &str) -> Option<&str> {
    let after = step.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let has_count = (1..=MAX_DIGITS).contains(&(step.len() - after.len()));
    after.trim_start().strip_prefix('x').filter(|_| has_count).map(str::trim_start)
}

/// A step, split at its marks.
struct StepParts<'t> {
    /// The outcome with its count.
    counted: &'t str,
    chance: Option<&'t str>,
    delay: Option<&'t str>,
    phase: Option<&'t str>,
    is_forever: bool,
}

impl<'t> StepParts<'t> {
    fn of(text: &'t str) -> Self {
        let (rest, is_forever) = match text.strip_suffix('*') {
            Some(rest) => (rest.trim_end(), true),
            None => (text, false),
        };
        let (rest, phase) = split_off(rest, '/');
        let (rest, delay) = split_off(rest, '+');
        let (counted, chance) = split_off(rest, '@');
        Self { counted, chance, delay, phase, is_forever }
    }
}

fn parse_step(text: &str, default_times: Option<u64>) -> Result<Step, String> {
    let StepParts { counted, chance, delay, phase, is_forever } = StepParts::of(text);
    let (count, name) = split_count(counted)?;
    let forced = ForcedOutcome::find(name)?;
    let times = match (count, is_forever) {
        (Some(_), true) => {
            return Err(format!("{} has a count and a *; remove one of them", quoted(text)));
        }
        (Some(count), false) => Some(count),
        (None, true) => None,
        (None, false) => default_times,
    };
    Ok(Step {
        chance: chance.map(parse_percent).transpose()?,
        phase: phase.map_or(Ok(Phase::AfterAuth), Phase::parse)?,
        delay: delay.map(parse_delay).transpose()?.map(Delay::Fixed),
        ..Step::new(forced, times)
    })
}

fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before.trim_end(), Some(after.trim())),
        None => (text, None),
    }
}

/// Splits a count from the name: `2x500` is 500 two times; `5026` has none.
fn split_count(text: &str) -> Result<(Option<u64>, &str), String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text[digits..].trim_start();
    if digits > 0 && after.starts_with('X') {
        let meant = text.to_ascii_lowercase();
        return Err(format!("unknown outcome {}; did you mean {meant:?}?", quoted(text)));
    }
    let Some(name) = after.strip_prefix('x').filter(|_| digits > 0) else {
        return Ok((None, text));
    };
    match text[..digits].parse() {
        Ok(count) if count > 0 => Ok((Some(count), name.trim_start())),
        Ok(_) => Err(format!("invalid count {}; it must be at least 1", quoted(&text[..digits]))),
        Err(_) => Err(format!(
            "invalid count {}; it must be at most {}",
            quoted(&text[..digits]),
            u64::MAX
        )),
    }
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
    match number {
        Some(percent) if (0.0..=100.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err(format!("invalid chance {}; write it like 30%, from 0% to 100%", quoted(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn steps(text: &str) -> Vec<Step> {
        parse_line(text).unwrap().rules[0].steps.clone()
    }

    #[test]
    fn a_count_is_digits_before_x() {
        let counts = |text: &str| {
            let steps = steps(text);
            steps.iter().map(|step| (step.forced.name(), step.times)).collect::<Vec<_>>()
        };
        assert_eq!(
            counts("2x500, 5026, ok*"),
            [("server-error", Some(2)), ("video-not-found", Some(1)), ("ok", None)]
        );
        assert_eq!(counts("500"), [("server-error", None)]);
        assert_eq!(counts("1x500"), [("server-error", Some(1))]);
        assert_eq!(counts(" 3 x 400 , hang "), [("bad-request", Some(3)), ("hang", Some(1))]);
        assert_eq!(counts("documented-example"), [("documented-example", None)]);
    }

    #[test]
    fn chance_delay_and_phase_follow_the_outcome() {
        let step = &steps("2x500@30%+800ms/after-commit")[0];
        assert_eq!(step.chance, Some(0.3));
        assert_eq!(step.delay, Some(Delay::Fixed(Duration::from_millis(800))));
        assert_eq!(step.phase, Phase::AfterCommit);
        assert_eq!(steps("reset/before-auth*")[0].phase, Phase::BeforeAuth);
    }

    #[test]
    fn the_names_in_a_line_are_found_whatever_stands_around_them() {
        for (line, names) in [
            ("a", &["a"][..]),
            ("a, 2xb ,c*", &["a", "b", "c"]),
            ("post_video: a@30%+2s/after-commit , 3 x b/no-phase *", &["a", "b"]),
            ("0xa,,x", &["0xa", "", "x"]),
        ] {
            assert_eq!(outcome_names(line).collect::<Vec<_>>(), names, "{line}");
        }
    }

    #[test]
    fn a_line_with_a_few_wrong_letters_is_nearly_one() {
        for (text, expected) in [
            ("2X500", true),
            ("2x5000", true),
            ("3x77777@5%+2s", true),
            ("2xsever-error, ok*", true),
            ("500,5027", true),
            ("2x500", true),
            ("", false),
            ("5000", false),
            ("outrage", false),
            ("2x", false),
            ("0x500", true),
            ("123456x500", false),
            ("2xhunter2", false),
            ("2x123456", false),
            ("500,s3cr3t", false),
            ("500,ok+s3cr3t", false),
            ("eyJhbGciOiJIUzI1NiJ9.2x500", false),
        ] {
            assert_eq!(is_nearly_line(text), expected, "{text}");
        }
    }

    #[test]
    fn a_bad_line_is_refused_with_advice() {
        for (text, expected) in [
            ("", "unknown outcome \"\""),
            ("5027", "unknown outcome \"5027\"; did you mean \"5026\"?"),
            ("sever-error", "did you mean \"server-error\"?"),
            ("2X500", "unknown outcome \"2X500\"; did you mean \"2x500\"?"),
            (
                "ok, 12 X Hang/after-commit",
                "unknown outcome \"12 X Hang\"; did you mean \"12 x hang\"?",
            ),
            ("2x5000", "unknown outcome \"5000\"; did you mean \"500\"?"),
            ("500,,400", "unknown outcome \"\""),
            ("0x500", "invalid count \"0\""),
            ("99999999999999999999x500", "invalid count"),
            ("2x500*", "has a count and a *"),
            ("500@30", "write it like 30%"),
            ("500@101%", "from 0% to 100%"),
            ("500@-1%", "from 0% to 100%"),
            ("500@NaN%", "from 0% to 100%"),
            ("ok+800", "is not a duration"),
            ("ok/after-comit", "did you mean \"after-commit\"?"),
            ("post_vido:500", "unknown endpoint \"post_vido\"; did you mean \"post_video\"?"),
            ("add-users : 500", "did you mean \"add_users\"?"),
            ("any:500", "unknown endpoint \"any\""),
            (":500", "unknown endpoint \"\""),
            ("auth:", "unknown outcome \"\""),
            ("auth:500,create_group:404", "unknown outcome \"create_group:404\""),
            ("18446744073709551616x500", "it must be at most 18446744073709551615"),
            (&"500,".repeat(400), "the limit is 1024"),
        ] {
            let why = parse_line(text).unwrap_err();
            assert!(why.contains(expected), "{text}: {why}");
        }
    }
}
