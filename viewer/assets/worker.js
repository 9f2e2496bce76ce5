// Runs the page's own WebAssembly a second time, as the worker: the page sends the address of the module's script and
// the module as it is compiled already. What is run then tells a page from a worker.
onmessage = async ({ data: [script, compiled] }) => {
  onmessage = null;
  try {
    const { default: init } = await import(script);
    await init({ module_or_path: compiled });
  } catch (error) {
    // A promise that fails in a worker tells the page nothing; an error that nobody catches does.
    setTimeout(() => {
      throw error;
    });
  }
};
