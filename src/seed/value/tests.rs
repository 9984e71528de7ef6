//! Tests of generated values.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use crate::model::canary::PREFIX;
use crate::seed::testing::column;

fn spot(number: usize) -> Spot<'static> {
    Spot {
        table: "invoices",
        tenant: 1,
        number,
        age: 20,
        today: NaiveDate::from_ymd_opt(2026, 3, 4).unwrap(),
    }
}

fn text(name: &str, most: Option<u32>) -> String {
    let column = Column {
        max_length: most,
        ..column(name, Kind::Text)
    };
    value(
        &column,
        &ColumnLimits::default(),
        None,
        &spot(3),
        &mut ChaCha8Rng::seed_from_u64(1),
    )
    .unwrap()
}

#[test]
fn text_holds_a_canary_in_the_form_that_its_name_asks_for() {
    for name in [
        "body",
        "title",
        "email",
        "avatar_url",
        "slug",
        "sku",
        "fileName",
        "externalId",
        "firstName",
    ] {
        let text = text(name, None);
        assert!(text.contains(PREFIX), "{name}: {text}");
    }
    let body = text("body", None);
    assert!(
        body.starts_with(PREFIX) && body[body.len() - LENGTH..].starts_with(PREFIX),
        "{body}"
    );
    assert!(text("email", None).ends_with("@example.com"));
    assert!(text("color", None).starts_with('#'));
    assert_eq!(text("currency", Some(3)), "EUR");
    assert_eq!(text("due_date", None), "2026-05-06");
}

use crate::model::canary::LENGTH;

#[test]
fn word_lists_never_hold_a_canary() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for name in [
        "status",
        "order_type",
        "userRole",
        "visibility",
        "event_kind",
    ] {
        let required = column(&format!("{name}!"), Kind::Text);
        assert!(
            !fresh_value(&required, None, &mut rng)
                .unwrap()
                .contains(PREFIX),
            "{name}"
        );
        assert_eq!(
            fresh_value(&column(name, Kind::Text), None, &mut rng),
            None,
            "{name}"
        );
    }
    let said = ["open".to_owned()];
    assert_eq!(
        fresh_value(&column("status", Kind::Text), Some(&said), &mut rng).as_deref(),
        Some("open")
    );
    let defaulted = Column {
        default: Some("'new'::character varying".into()),
        ..column("status!", Kind::Text)
    };
    assert_eq!(
        fresh_value(&defaulted, None, &mut rng).as_deref(),
        Some("new")
    );
}

#[test]
fn what_is_over_and_what_ends_is_told_by_its_name() {
    assert!(is_over(&column("deletedAt", Kind::Timestamp)));
    assert!(!is_over(&column("created_at", Kind::Timestamp)));
    let at = |name: &str| {
        value(
            &column(name, Kind::Timestamp),
            &ColumnLimits::default(),
            None,
            &spot(2),
            &mut ChaCha8Rng::seed_from_u64(1),
        )
        .unwrap()
    };
    assert!(at("created_at") < at("updated_at"));
    assert!(at("starts_at") < at("ends_at"));
    assert!(at("updated_at").as_str() < "2026-03-05" && at("expires_at").as_str() > "2026-04");
}

proptest! {
    #[test]
    fn values_stay_within_their_limits(
        seed in any::<u64>(), number in 1..50_usize, most in 1..60_u32,
        low in -50..50_i32, span in 0..40_i32, scale in 0..4_u32,
        name in prop::sample::select(vec!["body", "name", "slug", "code", "rating", "total_cents", "quantity", "email", "price"]),
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let place = spot(number);
        let text = Column { max_length: Some(most), ..column(name, Kind::Text) };
        let made = value(&text, &ColumnLimits::default(), None, &place, &mut rng).unwrap();
        prop_assert!(!made.is_empty() && made.chars().count() <= most as usize, "{}", made);
        let limits = ColumnLimits { min: Some(low.into()), max: Some((low + span).into()), ..Default::default() };
        let whole = value(&column(name, Kind::Integer(16)), &limits, None, &place, &mut rng).unwrap();
        prop_assert!((low..=low + span).contains(&whole.parse::<i32>().unwrap()), "{}", whole);
        let decimal = value(&column(name, Kind::Numeric(Some((8, scale)))), &limits, None, &place, &mut rng).unwrap();
        let read = decimal.parse::<f64>().unwrap();
        prop_assert!(read >= f64::from(low) - 1e-9 && read <= f64::from(low + span) + 1e-9, "{}", decimal);
        prop_assert!(decimal.split_once('.').map_or(0, |(_, d)| d.len()) <= scale as usize, "{}", decimal);
    }

    #[test]
    fn texts_match_the_patterns_of_checks(
        seed in any::<u64>(),
        source in prop::sample::select(vec![
            "^[a-z0-9-]+$", "^[A-Z]{3}-[0-9]{4}$", "^#[0-9a-fA-F]{6}$", "^[^@ ]+@[^@ ]+\\.[a-z]+$", "^\\+[0-9]{6,15}$", "^(red|green)$",
            "^[a-z][a-z0-9_]{2,11}$", "^[0-9]{5}$", "^https?://", "^[A-Z0-9]{8}$",
        ]),
    ) {
        let pattern = regex::Regex::new(source).unwrap();
        let limits = ColumnLimits { patterns: vec![(pattern.clone(), true)], ..Default::default() };
        let made = value(&column("thing", Kind::Text), &limits, None, &spot(4), &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        prop_assert!(pattern.is_match(&made), "{} does not match {}", made, source);
    }
}

#[test]
fn lists_hold_short_items_in_the_form_of_their_name() {
    let list = |name: &str| {
        let kind = Kind::Array(Box::new(Kind::Text));
        value(
            &column(name, kind),
            &ColumnLimits::default(),
            None,
            &spot(3),
            &mut ChaCha8Rng::seed_from_u64(1),
        )
        .unwrap()
    };
    let tags = list("tags");
    assert!(
        tags.starts_with("{\"") && tags.contains(PREFIX) && tags.len() < 60,
        "{tags}"
    );
    assert!(
        list("allowedIps").starts_with("{\"198.51.100."),
        "{}",
        list("allowedIps")
    );
}
