mod institution_endings;
mod processor_staff;
mod security_events;
mod staff_right_changes;
mod subprocessors;
