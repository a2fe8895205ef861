mod processor_staff;
mod security_events;
mod staff_right_changes;
