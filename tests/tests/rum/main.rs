//! The script tag in real browsers.
//!
//! **Invariant:** knows the script by its file, its attributes and `window.throughlineRum`.

use throughline_tests::{in_browsers, in_webkit_too};

mod arrived;
mod bundlers;
mod conformance;
mod consent;
mod doctor;
mod fallback;
mod formats;
mod journal;
mod options;
mod packages;
mod privacy;
mod real;
mod recorded;
mod sending;
mod strict;

use bundlers::the_package_works_in_every_bundler;
use conformance::pages_notice_nothing;
use consent::nothing_leaves_without_consent;
use doctor::the_doctor_names_what_is_wrong;
use fallback::it_works_without_webassembly;
use packages::it_is_put_on_pages_in_many_ways;
use real::{a_collector_takes_spans_and_logs, jaeger_shows_page_and_back_end_in_one_trace};
use recorded::a_page_records_what_happens;
use strict::it_works_where_much_is_forbidden;

in_browsers! { a_collector_takes_spans_and_logs, a_page_records_what_happens, it_is_put_on_pages_in_many_ways, it_works_where_much_is_forbidden, it_works_without_webassembly, jaeger_shows_page_and_back_end_in_one_trace, nothing_leaves_without_consent, pages_notice_nothing, the_doctor_names_what_is_wrong, the_package_works_in_every_bundler }

in_webkit_too! { a_page_records_what_happens, it_works_where_much_is_forbidden, it_works_without_webassembly, pages_notice_nothing }

/// What the library decides, sends and keeps.
mod policy {
    use throughline_tests::{in_browsers, in_chromium};

    use crate::formats::{
        headers_agree_with_the_sample, requests_carry_the_formats_that_are_asked_for,
    };
    use crate::journal::{
        a_collector_that_comes_back_gets_everything, a_crash_loses_the_last_second_at_most,
        being_offline_loses_nothing, leaving_loses_nothing,
        log_records_that_nobody_takes_do_not_hold_spans_up, many_pages_send_what_is_kept_once,
        nothing_is_stored_without_consent, what_a_collector_does_not_take_comes_with_the_next_page,
        what_is_kept_is_bounded,
    };
    use crate::options::options_of_any_type_leave_the_page_alone;
    use crate::privacy::{
        addresses_show_no_secrets, names_follow_the_sites_templates,
        options_and_errors_show_no_secrets, the_site_looks_at_everything_before_it_leaves,
        what_a_script_cannot_do_switches_it_off,
    };
    use crate::sending::{
        a_hostile_collector_does_no_harm, a_span_takes_few_bytes, a_trap_makes_it_a_pass_through,
        an_opened_again_request_has_a_span_of_its_own, batches_carry_the_sites_headers,
        ten_thousand_spans_a_second_are_counted,
    };

    // Only its protocol can take a page off the network.
    in_chromium! { being_offline_loses_nothing }

    in_browsers! {
        a_collector_that_comes_back_gets_everything,
        a_crash_loses_the_last_second_at_most,
        a_hostile_collector_does_no_harm,
        a_span_takes_few_bytes,
        a_trap_makes_it_a_pass_through,
        addresses_show_no_secrets,
        an_opened_again_request_has_a_span_of_its_own,
        batches_carry_the_sites_headers,
        headers_agree_with_the_sample,
        leaving_loses_nothing,
        log_records_that_nobody_takes_do_not_hold_spans_up,
        many_pages_send_what_is_kept_once,
        names_follow_the_sites_templates,
        nothing_is_stored_without_consent,
        options_and_errors_show_no_secrets,
        options_of_any_type_leave_the_page_alone,
        requests_carry_the_formats_that_are_asked_for,
        ten_thousand_spans_a_second_are_counted,
        the_site_looks_at_everything_before_it_leaves,
        what_a_collector_does_not_take_comes_with_the_next_page,
        what_a_script_cannot_do_switches_it_off,
        what_is_kept_is_bounded,
    }
}
