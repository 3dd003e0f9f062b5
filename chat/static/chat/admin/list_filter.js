/** Keeps out of the URL what the form beside a list leaves empty. */
for (const form of document.querySelectorAll("form.list-filter")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) {
      if (value === "") formData.delete(name);
    }
  });
}
