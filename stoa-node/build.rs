//! Links the cdylib against the symbols that Node provides.
fn main() {
    napi_build::setup();
}
