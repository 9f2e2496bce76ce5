//! The script tag in real browsers.
//!
//! **Invariant:** knows the script by its file, its attributes and `window.throughlineRum`.

use throughline_tests::in_browsers;

mod conformance;
mod consent;
mod doctor;
mod packages;
mod recorded;
mod server;

use conformance::pages_notice_nothing;
use consent::nothing_leaves_without_consent;
use doctor::the_doctor_names_what_is_wrong;
use packages::it_is_put_on_pages_in_many_ways;
use recorded::a_page_records_what_happens;

in_browsers! { a_page_records_what_happens, it_is_put_on_pages_in_many_ways, nothing_leaves_without_consent, pages_notice_nothing, the_doctor_names_what_is_wrong }
